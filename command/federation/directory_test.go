package federation_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// directory is a small directory: bind, search with the filters that are sent here, StartTLS.
type directory struct {
	address   string
	startTLS  *tls.Config
	anonymous bool   // a bind with an empty password succeeds
	referral  string // what a search answers with

	mu        sync.Mutex
	accepted  int
	clearBind bool
}

func (d *directory) connections() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.accepted
}

func (d *directory) clear() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clearBind
}

type entry struct {
	dn         string
	password   string
	attributes map[string]string
}

func entries() []entry {
	person := func(uid, number, given, family, mail, password string) entry {
		return entry{dn: "uid=" + uid + "," + peopleDN, password: password, attributes: map[string]string{
			"objectClass": "inetOrgPerson", "uid": uid, "employeeNumber": number, "givenName": given, "sn": family,
			"cn": given + " " + family, "mail": mail, "userPassword": password,
		}}
	}
	return []entry{
		person("ada", "1815", "Ada", "King", "ada@example.com", adaPass),
		person("grace", "1906", "Grace", "Hopper", "team@example.com", adaPass),
		person("mary", "1930", "Mary", "Keller", "team@example.com", adaPass),
		{dn: "cn=printer," + peopleDN, attributes: map[string]string{"objectClass": "device", "uid": "printer", "cn": "printer"}},
	}
}

func newDirectory(t *testing.T, secure *tls.Config) *directory {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{address: l.Addr().String()}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			d.mu.Lock()
			d.accepted++
			d.mu.Unlock()
			go d.serve(conn)
		}
	}()
	return d
}

func (d *directory) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	secure := false
	for {
		message, err := ber.ReadPacket(conn)
		if err != nil || len(message.Children) < 2 {
			return
		}
		id, request := message.Children[0].Value.(int64), message.Children[1]
		switch request.Tag {
		case ldap.ApplicationBindRequest:
			d.mu.Lock()
			d.clearBind = d.clearBind || d.startTLS != nil && !secure
			d.mu.Unlock()
			reply(conn, id, ldap.ApplicationBindResponse, d.bind(request))
		case ldap.ApplicationSearchRequest:
			d.search(conn, id, request)
		case ldap.ApplicationExtendedRequest:
			if d.startTLS == nil {
				reply(conn, id, ldap.ApplicationExtendedResponse, ldap.LDAPResultProtocolError)
				continue
			}
			reply(conn, id, ldap.ApplicationExtendedResponse, ldap.LDAPResultSuccess)
			conn, secure = tls.Server(conn, d.startTLS), true
		default:
			return
		}
	}
}

func (d *directory) bind(request *ber.Packet) int64 {
	dn, password := request.Children[1].Value.(string), request.Children[2].Data.String()
	if d.anonymous && password == "" || dn == adminDN && password == adminPass {
		return ldap.LDAPResultSuccess
	}
	for _, e := range entries() {
		if e.dn == dn && e.password != "" && e.password == password {
			return ldap.LDAPResultSuccess
		}
	}
	return ldap.LDAPResultInvalidCredentials
}

func (d *directory) search(conn net.Conn, id int64, request *ber.Packet) {
	base, scope := request.Children[0].Value.(string), request.Children[1].Value.(int64)
	limit, filter := request.Children[3].Value.(int64), request.Children[6]
	if base != peopleDN {
		reply(conn, id, ldap.ApplicationSearchResultDone, ldap.LDAPResultNoSuchObject)
		return
	}
	if d.referral != "" {
		send(conn, id, ldap.ApplicationSearchResultReference, octets(d.referral))
	}
	sent := int64(0)
	for _, e := range entries() {
		if scope == ldap.ScopeBaseObject || d.referral != "" || !matches(filter, e.attributes) {
			continue
		}
		if sent++; sent > limit && limit > 0 {
			reply(conn, id, ldap.ApplicationSearchResultDone, ldap.LDAPResultSizeLimitExceeded)
			return
		}
		attributes := ber.NewSequence("")
		for _, wanted := range request.Children[7].Children {
			name := wanted.Value.(string)
			if v, ok := e.attributes[name]; ok {
				values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
				values.AppendChild(octets(v))
				attribute := ber.NewSequence("")
				attribute.AppendChild(octets(name))
				attribute.AppendChild(values)
				attributes.AppendChild(attribute)
			}
		}
		send(conn, id, ldap.ApplicationSearchResultEntry, octets(e.dn), attributes)
	}
	reply(conn, id, ldap.ApplicationSearchResultDone, ldap.LDAPResultSuccess)
}

// matches evaluates and, or, equality, substrings and presence (RFC 4511, section 4.5.1.7).
func matches(filter *ber.Packet, attributes map[string]string) bool {
	switch filter.Tag {
	case ldap.FilterAnd:
		for _, f := range filter.Children {
			if !matches(f, attributes) {
				return false
			}
		}
		return true
	case ldap.FilterOr:
		for _, f := range filter.Children {
			if matches(f, attributes) {
				return true
			}
		}
	case ldap.FilterEqualityMatch:
		return attributes[filter.Children[0].Value.(string)] == filter.Children[1].Value.(string)
	case ldap.FilterSubstrings:
		return strings.HasPrefix(attributes[filter.Children[0].Value.(string)], filter.Children[1].Children[0].Data.String())
	case ldap.FilterPresent:
		return attributes[filter.Data.String()] != ""
	}
	return false
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func send(conn net.Conn, id int64, tag ber.Tag, children ...*ber.Packet) {
	operation := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	for _, c := range children {
		operation.AppendChild(c)
	}
	message := ber.NewSequence("")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	message.AppendChild(operation)
	_, _ = conn.Write(message.Bytes())
}

func reply(conn net.Conn, id int64, tag ber.Tag, code int64) {
	send(conn, id, tag, ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""), octets(""), octets(""))
}

// newCertificate returns a certificate for 127.0.0.1 and, in PEM form, what makes it trusted.
func newCertificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key := newRSA(t)
	template := &x509.Certificate{
		SerialNumber: newSerial(t), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func newSerial(t *testing.T) *big.Int {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	return serial
}
