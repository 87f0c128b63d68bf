package federation

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// LDAPConfig configures a directory (RFC 4511).
type LDAPConfig struct {
	Servers  []string // ldap://host:port or ldaps://host:port, asked in this order until one can be reached
	StartTLS bool     // of ldap:// servers
	RootCA   []byte   // PEM; Options.RootCAs if empty

	BindDN       string // who searches; empty: anonymous
	BindPassword string
	BaseDN       string // of everything
	UserBase     string // where people are; BaseDN if empty

	UserObjectClasses []string // one of them has to be there; person if empty
	UserFilters       []string // attributes that may hold what the person types; uid if empty
	IDAttribute       string   // stable and unique; Mapping.ExternalID, or entryUUID, if empty
	Mapping           Mapping
	Timeout           time.Duration // of a connection and of each answer; Options.Timeout if 0
}

// The attributes of RFC 2798 and RFC 4519.
func ldapDefaults() Mapping {
	return Mapping{
		ExternalID: "entryUUID", Username: "uid", GivenName: "givenName", FamilyName: "sn", DisplayName: "displayName|cn",
		Email: "mail", Phone: "telephoneNumber", Language: "preferredLanguage", ProfileURL: "labeledURI",
	}
}

// attributeName is an attribute description (RFC 4512, section 2.5) or a numeric object identifier.
var attributeName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)*)(;[A-Za-z0-9-]+)*$`)

// LDAP is a directory.
type LDAP struct {
	client  *Client
	config  LDAPConfig
	servers []*url.URL
	roots   *x509.CertPool
}

// LDAP returns the directory with this configuration. Nothing is asked yet.
func (c *Client) LDAP(config LDAPConfig) (*LDAP, error) {
	l := &LDAP{client: c, config: config, roots: c.roots}
	if len(config.Servers) == 0 {
		return nil, refuse(ErrConfig, nil, "the directory has no server")
	}
	for _, raw := range config.Servers {
		server, err := directoryServer(raw)
		if err != nil {
			return nil, err
		}
		if server.Scheme == "ldap" && !config.StartTLS && len(c.private) == 0 {
			return nil, refuse(ErrConfig, nil, "the directory server needs ldaps:// or StartTLS")
		}
		l.servers = append(l.servers, server)
	}
	if len(config.RootCA) > 0 {
		l.roots = x509.NewCertPool()
		if !l.roots.AppendCertsFromPEM(config.RootCA) {
			return nil, refuse(ErrConfig, nil, "the certificate authority of the directory is not in PEM form")
		}
	}
	if err := l.complete(); err != nil {
		return nil, err
	}
	return l, nil
}

// complete fills in the defaults and checks what becomes part of a filter.
func (l *LDAP) complete() error {
	o := &l.config
	if o.UserBase == "" {
		o.UserBase = o.BaseDN
	}
	if o.UserBase == "" {
		return refuse(ErrConfig, nil, "the base DN is missing")
	}
	for _, dn := range []string{o.UserBase, o.BindDN} {
		if _, err := ldap.ParseDN(dn); err != nil {
			return refuse(ErrConfig, nil, "the base DN or the bind DN is malformed")
		}
	}
	if (o.BindDN == "") != (o.BindPassword == "") {
		return refuse(ErrConfig, nil, "the bind DN and the bind password belong together")
	}
	if o.Timeout <= 0 {
		o.Timeout = l.client.timeout
	}
	if len(o.UserObjectClasses) == 0 {
		o.UserObjectClasses = []string{"person"}
	}
	if len(o.UserFilters) == 0 {
		o.UserFilters = []string{"uid"}
	}
	if o.IDAttribute != "" {
		o.Mapping.ExternalID = o.IDAttribute
	}
	for _, name := range slices.Concat(o.UserObjectClasses, o.UserFilters, l.attributes()) {
		if !attributeName.MatchString(name) {
			return refuse(ErrConfig, nil, "an attribute or object class of the directory is malformed")
		}
	}
	return nil
}

func directoryServer(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return nil, refuse(ErrConfig, nil, "a directory server must be ldap://host:port or ldaps://host:port")
	}
	port := u.Port()
	switch {
	case u.Scheme == "ldap" && port == "":
		port = ldap.DefaultLdapPort
	case u.Scheme == "ldaps" && port == "":
		port = ldap.DefaultLdapsPort
	case u.Scheme != "ldap" && u.Scheme != "ldaps":
		return nil, refuse(ErrConfig, nil, "a directory server must be ldap://host:port or ldaps://host:port")
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	return u, nil
}

// Authenticate checks the credentials and returns who that is. ErrDenied does not tell a wrong password from an unknown name.
func (l *LDAP) Authenticate(ctx context.Context, username, password string) (Identity, error) {
	// With an empty password a bind is anonymous and succeeds (RFC 4513, section 5.1.2).
	if strings.TrimSpace(username) == "" || password == "" || len(username) > 256 || len(password) > 1024 {
		return Identity{}, errCredentials()
	}
	conn, err := l.connect(ctx)
	if err != nil {
		return Identity{}, err
	}
	defer conn.close()
	if err := l.bindSearcher(conn); err != nil {
		return Identity{}, err
	}
	entry, err := l.find(conn, username)
	if err != nil {
		return Identity{}, err
	}
	if err := conn.Bind(entry.DN, password); err != nil {
		return Identity{}, bindRefused(err)
	}
	return l.identity(entry)
}

func errCredentials() error {
	return refuse(ErrDenied, nil, "the directory does not accept the username and password")
}

// bindRefused tells wrong credentials and blocked accounts from a directory that does not work.
func bindRefused(err error) error {
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication,
		ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultNoSuchObject, ldap.LDAPResultConstraintViolation) {
		return errCredentials()
	}
	return directoryFailed(err)
}

// directoryFailed translates an error of the directory. Its diagnostic text stays out: it may quote names.
func directoryFailed(err error) error {
	var answer *ldap.Error
	if errors.As(err, &answer) && answer.ResultCode < ldap.ErrorNetwork {
		return refuse(ErrConfig, nil, "the directory refuses the request: %s", ldap.LDAPResultCodeMap[answer.ResultCode])
	}
	return unreachable("the directory", err)
}

// bindSearcher signs the searching account in, if there is one.
func (l *LDAP) bindSearcher(conn *directory) error {
	if l.config.BindDN == "" {
		return nil
	}
	err := conn.Bind(l.config.BindDN, l.config.BindPassword)
	if err == nil {
		return nil
	}
	if err = bindRefused(err); errors.Is(err, ErrDenied) {
		return refuse(ErrConfig, nil, "the directory does not accept the bind DN and its password")
	}
	return err
}

// find returns the one entry of a person.
func (l *LDAP) find(conn *directory, username string) (*ldap.Entry, error) {
	// Two are enough to know that it is not exactly one. Referrals come beside the entries and are not looked at.
	result, err := conn.Search(ldap.NewSearchRequest(
		l.config.UserBase, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, l.seconds(), false,
		l.filter(username), l.attributes(), nil,
	))
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultReferral) {
		return nil, refuse(ErrConfig, nil, "the user base does not exist in the directory")
	}
	if err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		return nil, directoryFailed(err)
	}
	// A bind with an empty name is anonymous and succeeds.
	if err != nil || len(result.Entries) != 1 || result.Entries[0].DN == "" {
		return nil, errCredentials()
	}
	return result.Entries[0], nil
}

// seconds is the timeout as the directory is told it, where 0 would be none.
func (l *LDAP) seconds() int { return max(1, int(l.config.Timeout.Seconds())) }

// filter matches what the person typed, as it is and nothing else (RFC 4515, section 3).
func (l *LDAP) filter(username string) string {
	var b strings.Builder
	b.WriteString("(&(|")
	for _, class := range l.config.UserObjectClasses {
		fmt.Fprintf(&b, "(objectClass=%s)", ldap.EscapeFilter(class))
	}
	b.WriteString(")(|")
	for _, attribute := range l.config.UserFilters {
		fmt.Fprintf(&b, "(%s=%s)", attribute, ldap.EscapeFilter(username))
	}
	b.WriteString("))")
	return b.String()
}

// attributes are those that are mapped. Asking for all would fetch password hashes, photos and the like.
func (l *LDAP) attributes() []string {
	var names []string
	l.config.Mapping.identity(ldapDefaults(), func(name string) string {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return ""
	})
	return names
}

func (l *LDAP) identity(entry *ldap.Entry) (Identity, error) {
	attributes := make(map[string][]string, len(entry.Attributes))
	for _, a := range entry.Attributes {
		for _, v := range a.ByteValues {
			attributes[a.Name] = append(attributes[a.Name], attributeText(a.Name, v))
		}
	}
	id := l.config.Mapping.identity(ldapDefaults(), func(name string) string {
		for got, values := range attributes {
			if strings.EqualFold(got, name) && len(values) > 0 {
				return values[0]
			}
		}
		return ""
	})
	if id.ExternalID == "" {
		return Identity{}, refuse(ErrConfig, nil, "the entry of the directory does not have the attribute that is the external id")
	}
	raw, err := json.Marshal(attributes)
	if err != nil {
		return Identity{}, fmt.Errorf("federation: encode attributes: %w", err)
	}
	id.Raw, id.Attributes = raw, attributes
	return id, nil
}

// attributeText returns a value as text: always in hexadecimal where the attribute is known to be binary, so that an id does
// not change its form with its bytes.
func attributeText(name string, v []byte) string {
	binary := strings.EqualFold(name, "objectGUID") || strings.EqualFold(name, "objectSid")
	if binary || !utf8.Valid(v) || slices.ContainsFunc([]rune(string(v)), unicode.IsControl) {
		return hex.EncodeToString(v)
	}
	return string(v)
}

// Test connects, signs the searching account in and looks whether the user base exists.
func (l *LDAP) Test(ctx context.Context) error {
	conn, err := l.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.close()
	if err := l.bindSearcher(conn); err != nil {
		return err
	}
	_, err = conn.Search(ldap.NewSearchRequest(l.config.UserBase, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1,
		l.seconds(), false, "(objectClass=*)", []string{"1.1"}, nil))
	switch {
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultReferral):
		return refuse(ErrConfig, nil, "the user base does not exist in the directory, or the bind DN may not see it")
	case err != nil:
		return directoryFailed(err)
	}
	return nil
}

// directory is a connection that ends with its context.
type directory struct {
	*ldap.Conn
	stop func() bool
}

func (d *directory) close() {
	d.stop()
	_ = d.Close()
}

// connect returns a connection to the first server that can be reached.
func (l *LDAP) connect(ctx context.Context) (*directory, error) {
	var last error
	for _, server := range l.servers {
		conn, err := l.open(ctx, server)
		if err == nil {
			return conn, nil
		}
		last = directoryFailed(err)
	}
	return nil, last
}

func (l *LDAP) open(ctx context.Context, server *url.URL) (*directory, error) {
	dialing, cancel := context.WithTimeout(ctx, l.config.Timeout)
	defer cancel()
	secure := server.Scheme == "ldaps"
	raw, err := l.client.dial(dialing, "tcp", server.Host, !secure && !l.config.StartTLS)
	if err != nil {
		return nil, err
	}
	var stream net.Conn = &limitedConn{Conn: raw, left: l.client.maxBody}
	config := &tls.Config{ServerName: server.Hostname(), RootCAs: l.roots, MinVersion: tls.VersionTLS12}
	if secure {
		over := tls.Client(stream, config)
		if err := over.HandshakeContext(dialing); err != nil {
			raw.Close()
			return nil, err
		}
		stream = over
	}
	conn := ldap.NewConn(stream, secure)
	conn.SetTimeout(l.config.Timeout)
	conn.Start()
	d := &directory{Conn: conn, stop: context.AfterFunc(ctx, func() { raw.Close() })}
	if !secure && l.config.StartTLS {
		if err := conn.StartTLS(config); err != nil {
			d.close()
			return nil, err
		}
	}
	return d, nil
}

// limitedConn ends a connection that brings too much: the length of a message in BER is what the server claims it to be.
type limitedConn struct {
	net.Conn
	left int64
}

func (l *limitedConn) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
