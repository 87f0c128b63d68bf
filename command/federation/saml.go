package federation

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

const kindSAML = "saml"

// SAMLBinding is how a request gets to the provider (saml-bindings-2.0-os). Answers always come by POST.
type SAMLBinding string

// The bindings.
const (
	SAMLRedirect SAMLBinding = saml.HTTPRedirectBinding
	SAMLPost     SAMLBinding = saml.HTTPPostBinding
)

// SAMLConfig configures a provider of SAML 2.0 (web browser SSO profile, begun here).
type SAMLConfig struct {
	EntityID    string // of this side
	MetadataURL string // of the provider; or
	MetadataXML []byte // its metadata itself

	// Certificate and Key, PEM, sign requests and decrypt assertions. Both may be empty.
	Certificate []byte
	Key         []byte

	Binding            SAMLBinding // SAMLRedirect if empty
	SignRequests       bool        // needs a key
	WantSignedResponse bool        // the response too, not only the assertion, must be signed
	NameIDFormat       string      // asked for; persistent if empty
	Mapping            Mapping     // ExternalID is the NameID if empty
}

// Names of attributes in use: friendly names, the object identifiers of the LDAP attributes, and claim URIs.
func samlDefaults() Mapping {
	return Mapping{
		Username:    "uid|username|urn:oid:0.9.2342.19200300.100.1.1|http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
		GivenName:   "givenName|firstName|urn:oid:2.5.4.42|http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
		FamilyName:  "sn|surname|lastName|urn:oid:2.5.4.4|http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
		DisplayName: "displayName|urn:oid:2.16.840.1.113730.3.1.241|cn|urn:oid:2.5.4.3|http://schemas.microsoft.com/identity/claims/displayname",
		Email:       "mail|email|urn:oid:0.9.2342.19200300.100.1.3|http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
		Phone:       "telephoneNumber|urn:oid:2.5.4.20",
		Language:    "preferredLanguage|urn:oid:2.16.840.1.113730.3.1.39",
	}
}

// SAML is a provider of SAML 2.0.
type SAML struct {
	client   *Client
	provider string // where its metadata is, or its entity id
	config   SAMLConfig
	key      crypto.Signer
	cert     *x509.Certificate
}

// SAML returns the provider with this configuration. Nothing is asked yet.
func (c *Client) SAML(config SAMLConfig) (*SAML, error) {
	p := &SAML{client: c, config: config}
	switch {
	case config.EntityID == "":
		return nil, refuse(ErrConfig, nil, "the entity id of this side is missing")
	case (config.MetadataURL == "") == (len(config.MetadataXML) == 0):
		return nil, refuse(ErrConfig, nil, "either the metadata of the provider or its URL is needed")
	case (len(config.Key) == 0) != (len(config.Certificate) == 0):
		return nil, refuse(ErrConfig, nil, "the key and the certificate belong together")
	case config.SignRequests && len(config.Key) == 0:
		return nil, refuse(ErrConfig, nil, "signing requests needs a key and a certificate")
	}
	switch p.config.Binding {
	case "":
		p.config.Binding = SAMLRedirect
	case SAMLRedirect, SAMLPost:
	default:
		return nil, refuse(ErrConfig, nil, "the binding is neither redirect nor POST")
	}
	if p.config.NameIDFormat == "" {
		p.config.NameIDFormat = string(saml.PersistentNameIDFormat)
	}
	if config.MetadataURL != "" {
		if err := c.endpoint("the metadata URL", config.MetadataURL); err != nil {
			return nil, err
		}
		p.provider = config.MetadataURL
	} else {
		idp, err := c.parseMetadata(config.MetadataXML)
		if err != nil {
			return nil, err
		}
		p.provider = idp.EntityID
	}
	if err := p.loadKey(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *SAML) loadKey() error {
	if len(p.config.Key) == 0 {
		return nil
	}
	// Neither part of the error is wrapped: it could quote the key.
	pair, err := tls.X509KeyPair(p.config.Certificate, p.config.Key)
	if err != nil {
		return refuse(ErrConfig, nil, "the certificate and the key are not in PEM form, or do not belong together")
	}
	switch key := pair.PrivateKey.(type) {
	case *rsa.PrivateKey:
		p.key = key
	case *ecdsa.PrivateKey:
		p.key = key
	default:
		return refuse(ErrConfig, nil, "the key is neither RSA nor ECDSA")
	}
	p.cert = pair.Leaf
	return nil
}

func (p *SAML) signatureMethod() string {
	switch p.key.(type) {
	case *rsa.PrivateKey:
		return dsig.RSASHA256SignatureMethod
	case *ecdsa.PrivateKey:
		return dsig.ECDSASHA256SignatureMethod
	}
	return ""
}

func (p *SAML) flow() flow { return flow{Kind: kindSAML, Provider: p.provider} }

// serviceProvider returns the library's view of this side.
func (p *SAML) serviceProvider(idp *saml.EntityDescriptor, callback string) (*saml.ServiceProvider, error) {
	acs, err := url.Parse(callback)
	if err != nil || !acs.IsAbs() {
		return nil, refuse(ErrConfig, nil, "the callback is not an absolute URL")
	}
	sp := &saml.ServiceProvider{
		EntityID:          p.config.EntityID,
		AcsURL:            *acs,
		IDPMetadata:       idp,
		AuthnNameIDFormat: saml.NameIDFormat(p.config.NameIDFormat),
		SignatureVerifier: signatures{now: p.client.now()},
	}
	if p.key != nil { // a nil *rsa.PrivateKey in the interface would not be nil
		sp.Key, sp.Certificate = p.key, p.cert
	}
	return sp, nil
}

// Begin makes an authentication request (saml-core-2.0-os, section 3.4.1).
func (p *SAML) Begin(ctx context.Context, b Begin) (Begun, error) {
	if err := checkBegin(b); err != nil {
		return Begun{}, err
	}
	idp, err := p.metadata(ctx)
	if err != nil {
		return Begun{}, err
	}
	sp, err := p.serviceProvider(idp, b.CallbackURL)
	if err != nil {
		return Begun{}, err
	}
	request, err := p.request(sp)
	if err != nil {
		return Begun{}, err
	}
	f := p.flow()
	f.Callback, f.Request = b.CallbackURL, request.ID
	begun := Begun{}
	if begun.Flow, err = f.encode(); err != nil {
		return Begun{}, err
	}
	if p.config.Binding == SAMLPost {
		begun.Form, err = p.form(sp, request, b.State)
		return begun, err
	}
	if p.config.SignRequests {
		sp.SignatureMethod = p.signatureMethod()
	}
	// The library signs and sends the state as it is.
	target, err := request.Redirect(url.QueryEscape(b.State), sp)
	if err != nil {
		return Begun{}, refuse(ErrConfig, nil, "the authentication request cannot be made: does the key fit?")
	}
	begun.URL = target.String()
	return begun, nil
}

// request makes a request without a signature, with an id from the client's randomness.
func (p *SAML) request(sp *saml.ServiceProvider) (*saml.AuthnRequest, error) {
	location := sp.GetSSOBindingLocation(string(p.config.Binding))
	if err := p.client.endpoint("the provider's sign-in URL for this binding", location); err != nil {
		return nil, err
	}
	request, err := sp.MakeAuthenticationRequest(location, string(p.config.Binding), saml.HTTPPostBinding)
	if err != nil {
		return nil, refuse(ErrConfig, nil, "the authentication request cannot be made")
	}
	var id [20]byte
	if _, err := io.ReadFull(p.client.random, id[:]); err != nil {
		return nil, fmt.Errorf("federation: random: %w", err)
	}
	request.ID = "id-" + hex.EncodeToString(id[:])
	request.IssueInstant = p.client.now().UTC()
	return request, nil
}

func (p *SAML) form(sp *saml.ServiceProvider, request *saml.AuthnRequest, state string) (*Form, error) {
	if p.config.SignRequests {
		sp.SignatureMethod = p.signatureMethod()
		if err := sp.SignAuthnRequest(request); err != nil {
			return nil, refuse(ErrConfig, nil, "the authentication request cannot be signed: does the key fit?")
		}
	}
	document := etree.NewDocument()
	document.SetRoot(request.Element())
	xml, err := document.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("federation: encode request: %w", err)
	}
	return &Form{URL: request.Destination, Fields: map[string]string{
		"SAMLRequest": base64.StdEncoding.EncodeToString(xml),
		"RelayState":  state,
	}}, nil
}

// Finish verifies the response.
func (p *SAML) Finish(ctx context.Context, f Finish) (Identity, error) {
	begun, err := resume(f, p.flow(), "RelayState")
	if err != nil {
		return Identity{}, err
	}
	idp, err := p.metadata(ctx)
	if err != nil {
		return Identity{}, err
	}
	sp, err := p.serviceProvider(idp, f.CallbackURL)
	if err != nil {
		return Identity{}, err
	}
	encoded, once := single(f.Answer, "SAMLResponse")
	if !once || int64(len(encoded)) > p.client.maxBody {
		return Identity{}, refuse(ErrUntrusted, nil, "the answer has no response, several, or one that is too large")
	}
	response, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return Identity{}, refuse(ErrUntrusted, nil, "the response is not in base64")
	}
	assertion, err := p.verify(sp, response, begun.Request)
	if err != nil {
		return Identity{}, err
	}
	id, err := p.identity(assertion)
	if err != nil {
		return Identity{}, err
	}
	id.Assertion = response
	return id, nil
}

func (p *SAML) identity(a *saml.Assertion) (Identity, error) {
	attributes := make(map[string][]string)
	friendly := make(map[string]string)
	for _, statement := range a.AttributeStatements {
		for _, attribute := range statement.Attributes {
			if attribute.FriendlyName != "" {
				friendly[attribute.FriendlyName] = attribute.Name
			}
			for _, v := range attribute.Values {
				attributes[attribute.Name] = append(attributes[attribute.Name], v.Value)
			}
		}
	}
	id := p.config.Mapping.identity(samlDefaults(), func(name string) string {
		values := attributes[name]
		if len(values) == 0 {
			values = attributes[friendly[name]]
		}
		if name == "" || len(values) == 0 {
			return ""
		}
		return values[0]
	})
	name := a.Subject.NameID
	switch {
	case p.config.Mapping.ExternalID != "":
	case name == nil || strings.TrimSpace(name.Value) == "":
	case name.Format == string(saml.TransientNameIDFormat):
		return Identity{}, refuse(ErrConfig, nil, "the provider names people differently each time (transient): map an attribute to the external id")
	default:
		id.ExternalID = strings.TrimSpace(name.Value)
	}
	if id.ExternalID == "" {
		return Identity{}, refuse(ErrConfig, nil, "the assertion does not have what is the external id")
	}
	if id.Email == "" && p.config.Mapping.Email == "" && name != nil && name.Format == string(saml.EmailAddressNameIDFormat) {
		id.Email = strings.TrimSpace(name.Value)
	}
	raw, err := json.Marshal(attributes)
	if err != nil {
		return Identity{}, fmt.Errorf("federation: encode attributes: %w", err)
	}
	id.Raw, id.Attributes, id.ExpiresAt = raw, attributes, sessionEnd(a)
	return id, nil
}

func sessionEnd(a *saml.Assertion) time.Time {
	for _, s := range a.AuthnStatements {
		if s.SessionNotOnOrAfter != nil {
			return *s.SessionNotOnOrAfter
		}
	}
	return time.Time{}
}

// Test reads the provider's metadata and looks whether it can be used.
func (p *SAML) Test(ctx context.Context) error {
	idp, err := p.fetchMetadata(ctx)
	if err != nil {
		return err
	}
	sp, err := p.serviceProvider(idp, "https://callback.invalid/")
	if err != nil {
		return err
	}
	if _, err := p.request(sp); err != nil {
		return err
	}
	return p.checkCertificates(idp)
}

// checkCertificates refuses a provider none of whose signatures could be verified.
func (p *SAML) checkCertificates(idp *saml.EntityDescriptor) error {
	reason := errors.New("no signing certificate")
	for _, der := range signingCertificates(idp) {
		certificate, err := x509.ParseCertificate(der)
		switch now := p.client.now(); {
		case err != nil:
			reason = errors.New("malformed signing certificate")
		case now.After(certificate.NotAfter), now.Before(certificate.NotBefore):
			reason = errors.New("expired signing certificate")
		default:
			return nil
		}
	}
	return refuse(ErrConfig, reason, "the metadata of the provider has no signing certificate that is valid now")
}
