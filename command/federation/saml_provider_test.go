package federation_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/signet-iam/signet/command/federation"
)

// samlProvider is an identity provider of another make. The hooks make its answers wrong.
type samlProvider struct {
	saml.IdentityProvider
	server *httptest.Server
	known  saml.EntityDescriptor // the service provider

	request  func(*saml.IdpAuthnRequest) // before the assertion is made
	assert   func(*saml.Assertion)       // before it is signed
	respond  func(*etree.Element)        // before the response around it is signed
	answer   func(*etree.Element)        // after
	document func(string) string         // the answer as text
	relay    string                      // what came back as the state
	response string
}

func newSAMLProvider(t *testing.T, key *rsa.PrivateKey) *samlProvider {
	t.Helper()
	i := &samlProvider{}
	i.Key, i.Certificate = key, selfSigned(t, key)
	i.SignatureMethod = dsig.RSASHA256SignatureMethod
	i.ServiceProviderProvider = i
	i.server = serveTLS(t, func(base string) http.Handler {
		metadata, _ := url.Parse(base + "/metadata")
		sso, _ := url.Parse(base + "/sso")
		i.MetadataURL, i.SSOURL = *metadata, *sso
		mux := http.NewServeMux()
		mux.HandleFunc("/metadata", i.ServeMetadata)
		mux.HandleFunc("/sso", i.serve)
		return mux
	})
	return i
}

func selfSigned(t *testing.T, key crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: newSerial(t), Subject: pkix.Name{CommonName: "idp"},
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
	return certificate
}

func (i *samlProvider) GetServiceProvider(_ *http.Request, id string) (*saml.EntityDescriptor, error) {
	if id != i.known.EntityID {
		return nil, os.ErrNotExist
	}
	return &i.known, nil
}

// serve signs everybody in as the same person and keeps the answer instead of posting it.
func (i *samlProvider) serve(w http.ResponseWriter, r *http.Request) {
	form, err := i.authenticate(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	i.relay, i.response = form.RelayState, form.SAMLResponse
}

func (i *samlProvider) authenticate(r *http.Request) (saml.IdpAuthnRequestForm, error) {
	var none saml.IdpAuthnRequestForm
	req, err := saml.NewIdpAuthnRequest(&i.IdentityProvider, r)
	if err != nil {
		return none, err
	}
	if err := req.Validate(); err != nil {
		return none, err
	}
	if i.request != nil {
		i.request(req)
	}
	session := &saml.Session{
		NameID: "ada-at-idp", NameIDFormat: string(saml.PersistentNameIDFormat), Index: "1",
		CreateTime: time.Now(), ExpireTime: time.Now().Add(time.Hour),
		UserName: "ada", UserEmail: "ada@example.com", UserGivenName: "Ada", UserSurname: "King", UserCommonName: "Ada King",
	}
	if err := (saml.DefaultAssertionMaker{}).MakeAssertion(req, session); err != nil {
		return none, err
	}
	if i.assert != nil {
		i.assert(req.Assertion)
	}
	if err := req.MakeAssertionEl(); err != nil {
		return none, err
	}
	if i.respond != nil {
		i.respond(req.AssertionEl)
	}
	if err := req.MakeResponse(); err != nil {
		return none, err
	}
	if i.answer != nil {
		i.answer(req.ResponseEl)
	}
	form, err := req.PostBinding()
	if err == nil && i.document != nil {
		document, _ := base64.StdEncoding.DecodeString(form.SAMLResponse)
		form.SAMLResponse = base64.StdEncoding.EncodeToString([]byte(i.document(string(document))))
	}
	return form, err
}

// signIn takes a begun sign-in to the provider and returns the answer.
func (i *samlProvider) signIn(t *testing.T, begun federation.Begun) url.Values {
	t.Helper()
	var (
		res *http.Response
		err error
	)
	if begun.Form != nil {
		fields := url.Values{}
		for name, v := range begun.Form.Fields {
			fields.Set(name, v)
		}
		res, err = i.server.Client().PostForm(begun.Form.URL, fields)
	} else {
		res, err = i.server.Client().Get(begun.URL)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the provider answers %s", res.Status)
	}
	return url.Values{"SAMLResponse": {i.response}, "RelayState": {i.relay}}
}
