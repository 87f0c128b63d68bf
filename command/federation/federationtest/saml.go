package federationtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/xml"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// SAMLName is the name id of the one person whom SAML providers know.
const SAMLName = "ada-at-idp"

// SAMLProvider is a SAML 2.0 identity provider at an address of this machine, without TLS.
type SAMLProvider struct {
	MetadataURL string

	idp      saml.IdentityProvider
	known    saml.EntityDescriptor
	answered url.Values
}

// NewSAMLProvider serves a provider until the test ends. It knows nobody yet: see Register.
func NewSAMLProvider(t testing.TB) *SAMLProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	p := &SAMLProvider{}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.idp = saml.IdentityProvider{
		Key: key, Certificate: certificate, SignatureMethod: dsig.RSASHA256SignatureMethod, ServiceProviderProvider: p,
	}
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	p.idp.MetadataURL, p.idp.SSOURL = *base.JoinPath("metadata"), *base.JoinPath("sso")
	p.MetadataURL = p.idp.MetadataURL.String()
	mux.HandleFunc("/metadata", p.idp.ServeMetadata)
	mux.HandleFunc("/sso", p.serve)
	return p
}

// Register tells the provider whom it answers.
func (p *SAMLProvider) Register(t testing.TB, metadata []byte) {
	t.Helper()
	p.known = saml.EntityDescriptor{}
	if err := xml.Unmarshal(metadata, &p.known); err != nil {
		t.Fatal(err)
	}
}

// GetServiceProvider returns the one that is registered.
func (p *SAMLProvider) GetServiceProvider(_ *http.Request, id string) (*saml.EntityDescriptor, error) {
	if id != p.known.EntityID {
		return nil, os.ErrNotExist
	}
	return &p.known, nil
}

// serve signs everybody in as the same person and keeps the answer.
func (p *SAMLProvider) serve(w http.ResponseWriter, r *http.Request) {
	form, err := p.answer(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.answered = url.Values{"RelayState": {form.RelayState}, "SAMLResponse": {form.SAMLResponse}}
}

func (p *SAMLProvider) answer(r *http.Request) (saml.IdpAuthnRequestForm, error) {
	request, err := saml.NewIdpAuthnRequest(&p.idp, r)
	if err != nil {
		return saml.IdpAuthnRequestForm{}, err
	}
	if err := request.Validate(); err != nil {
		return saml.IdpAuthnRequestForm{}, err
	}
	session := &saml.Session{
		NameID: SAMLName, NameIDFormat: string(saml.PersistentNameIDFormat), Index: "1",
		CreateTime: time.Now(), ExpireTime: time.Now().Add(time.Hour),
		UserName: "ada", UserEmail: "ada@example.com", UserGivenName: "Ada", UserSurname: "King",
	}
	if err := (saml.DefaultAssertionMaker{}).MakeAssertion(request, session); err != nil {
		return saml.IdpAuthnRequestForm{}, err
	}
	return request.PostBinding()
}

// SignIn takes a browser to the provider, by a redirect or with a form, and returns what it would post to the callback.
func (p *SAMLProvider) SignIn(t testing.TB, target string, form url.Values) url.Values {
	t.Helper()
	p.answered = nil
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if p.answered == nil {
		t.Fatalf("the provider answers %s", answer.Status)
	}
	return p.answered
}
