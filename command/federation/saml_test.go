package federation_test

import (
	"encoding/base64"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/signet-iam/signet/command/federation"
)

const entityID = "https://signet.example/saml"

// register tells the provider about this side.
func (i *samlProvider) register(t *testing.T, p *federation.SAML) {
	t.Helper()
	document, err := p.Metadata(callback)
	if err != nil {
		t.Fatal(err)
	}
	i.known = saml.EntityDescriptor{}
	if err := xml.Unmarshal(document, &i.known); err != nil {
		t.Fatal(err)
	}
}

func newSAML(t *testing.T, i *samlProvider, change func(*federation.SAMLConfig)) *federation.SAML {
	t.Helper()
	config := federation.SAMLConfig{EntityID: entityID, MetadataURL: i.server.URL + "/metadata"}
	if change != nil {
		change(&config)
	}
	p, err := newClient(t, i.server).SAML(config)
	if err != nil {
		t.Fatal(err)
	}
	i.register(t, p)
	return p
}

func TestSignInWithSAML(t *testing.T) {
	t.Parallel()
	certificate, key, err := newClient(t).NewSAMLKey("signet.example")
	if err != nil {
		t.Fatal(err)
	}
	idpKey := newRSA(t)
	withKey := func(c *federation.SAMLConfig) { c.Certificate, c.Key, c.SignRequests = certificate, key, true }
	for name, change := range map[string]func(*federation.SAMLConfig){
		"redirect":                        nil,
		"post":                            func(c *federation.SAMLConfig) { c.Binding = federation.SAMLPost },
		"redirect, signed and encrypted":  withKey,
		"post, signed and encrypted":      func(c *federation.SAMLConfig) { withKey(c); c.Binding = federation.SAMLPost },
		"the response has to be signed":   func(c *federation.SAMLConfig) { c.WantSignedResponse = true },
		"an attribute is the external id": func(c *federation.SAMLConfig) { c.Mapping.ExternalID = "urn:oid:0.9.2342.19200300.100.1.1" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newSAMLProvider(t, idpKey)
			p := newSAML(t, i, change)
			if err := p.Test(t.Context()); err != nil {
				t.Fatalf("test: %v", err)
			}
			begun := begin(t, p)
			id, err := p.Finish(t.Context(), finish(begun, i.signIn(t, begun)))
			if err != nil {
				t.Fatal(err)
			}
			wantID := "ada-at-idp"
			if strings.HasPrefix(name, "an attribute") {
				wantID = "ada"
			}
			if id.ExternalID != wantID || id.Username != "ada" || id.Email != "ada@example.com" || id.GivenName != "Ada" || id.FamilyName != "King" {
				t.Errorf("identity: %+v", id)
			}
			if len(id.Assertion) == 0 || id.Attributes["urn:oid:0.9.2342.19200300.100.1.3"][0] != "ada@example.com" {
				t.Error("the assertion or the attributes are missing")
			}
			_, signed := mustQuery(t, begun)["Signature"]
			if want := strings.Contains(name, "redirect, signed"); signed != want {
				t.Errorf("request signed: %v, want %v", signed, want)
			}
		})
	}
}

func mustQuery(t *testing.T, begun federation.Begun) url.Values {
	t.Helper()
	u, err := url.Parse(begun.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func remove(parent *etree.Element, path string) {
	for _, e := range parent.FindElements(path) {
		e.Parent().RemoveChild(e)
	}
}

func TestSAMLAnswers(t *testing.T) {
	t.Parallel()
	idpKey, foreign := newRSA(t), newRSA(t)
	for name, c := range map[string]struct {
		config func(*federation.SAMLConfig)
		with   func(*samlProvider)
		want   error
	}{
		"only the assertion signed": {
			with: func(i *samlProvider) { i.answer = func(r *etree.Element) { remove(r, "./Signature") } },
		},
		"only the response signed": {
			with: func(i *samlProvider) { i.respond = func(a *etree.Element) { remove(a, "./Signature") } },
		},
		"the response has to be signed and is not": {
			config: func(c *federation.SAMLConfig) { c.WantSignedResponse = true },
			with:   func(i *samlProvider) { i.answer = func(r *etree.Element) { remove(r, "./Signature") } },
			want:   federation.ErrUntrusted,
		},
		"unsigned": {
			with: func(i *samlProvider) { i.answer = func(r *etree.Element) { remove(r, "//Signature") } }, want: federation.ErrUntrusted,
		},
		"another name": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) { r.FindElement("//NameID").SetText("admin") }
		}, want: federation.ErrUntrusted},
		"another name, only the assertion signed": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				r.FindElement("//NameID").SetText("admin")
			}
		}, want: federation.ErrUntrusted},
		"another attribute": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) { r.FindElement("//AttributeValue").SetText("admin") }
		}, want: federation.ErrUntrusted},
		"two assertions": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				forged := r.FindElement("./Assertion").Copy()
				forged.CreateAttr("ID", "forged")
				forged.FindElement("//NameID").SetText("admin")
				r.InsertChildAt(0, forged)
			}
		}, want: federation.ErrUntrusted},
		"the signed assertion wrapped in a forged one": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				signed := r.FindElement("./Assertion")
				forged := signed.Copy()
				forged.CreateAttr("ID", "forged")
				forged.FindElement("./Subject/NameID").SetText("admin")
				forged.FindElement("./Signature").CreateElement("Object").AddChild(signed.Copy())
				r.RemoveChild(signed)
				r.AddChild(forged)
			}
		}, want: federation.ErrUntrusted},
		"the signed assertion wrapped, with its id": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				signed := r.FindElement("./Assertion")
				forged := signed.Copy()
				forged.FindElement("./Subject/NameID").SetText("admin")
				forged.FindElement("./Signature").CreateElement("Object").AddChild(signed.Copy())
				r.RemoveChild(signed)
				r.AddChild(forged)
			}
		}, want: federation.ErrUntrusted},
		"two references": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				info := r.FindElement("./Assertion/Signature/SignedInfo")
				info.AddChild(info.FindElement("./Reference").Copy())
			}
		}, want: federation.ErrUntrusted},
		"another key": {with: func(i *samlProvider) {
			i.request = func(req *saml.IdpAuthnRequest) { other := *req.IDP; other.Key = foreign; req.IDP = &other }
		}, want: federation.ErrUntrusted},
		"a DTD": {with: func(i *samlProvider) {
			i.document = func(s string) string { return "<!DOCTYPE x>" + s }
		}, want: federation.ErrUntrusted},
		"nested deeply": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				e := r.CreateElement("Extensions")
				for range 70 {
					e = e.CreateElement("more")
				}
			}
		}, want: federation.ErrUntrusted},
		"an id used twice": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				r.CreateElement("Extensions").CreateAttr("ID", r.FindElement("./Assertion").SelectAttrValue("ID", ""))
			}
		}, want: federation.ErrUntrusted},
		"extensions, only the assertion signed": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				r.CreateElement("Extensions").CreateElement("more")
			}
		}},
		// A comment is not part of what is signed and must not cut the name short.
		"a comment in the name": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				name := r.FindElement("//NameID")
				name.SetText("ada-at")
				name.CreateComment("x")
				name.CreateText("-idp")
			}
		}},
		"SHA-1": {with: func(i *samlProvider) { i.SignatureMethod = dsig.RSASHA1SignatureMethod }, want: federation.ErrUntrusted},
		"another audience": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Conditions.AudienceRestrictions[0].Audience.Value = "https://other.example" }
		}, want: federation.ErrUntrusted},
		"no audience": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Conditions.AudienceRestrictions = nil }
		}, want: federation.ErrUntrusted},
		"no conditions": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Conditions = nil }
		}, want: federation.ErrUntrusted},
		"no subject": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Subject = nil }
		}, want: federation.ErrUntrusted},
		"no confirmation": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Subject.SubjectConfirmations = nil }
		}, want: federation.ErrUntrusted},
		"nobody authenticated": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.AuthnStatements = nil }
		}, want: federation.ErrUntrusted},
		"expired": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Conditions.NotOnOrAfter = time.Now().Add(-2 * time.Minute) }
		}, want: federation.ErrUntrusted},
		"confirmation expired": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) {
				a.Subject.SubjectConfirmations[0].SubjectConfirmationData.NotOnOrAfter = time.Now().Add(-2 * time.Minute)
			}
		}, want: federation.ErrUntrusted},
		"not yet valid": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Conditions.NotBefore = time.Now().Add(2 * time.Minute) }
		}, want: federation.ErrUntrusted},
		"another issuer": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Issuer.Value = "https://evil.example" }
		}, want: federation.ErrUntrusted},
		"another recipient": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) {
				a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient = "https://other.example/acs"
			}
		}, want: federation.ErrUntrusted},
		"another destination": {with: func(i *samlProvider) {
			i.request = func(req *saml.IdpAuthnRequest) {
				other := *req.ACSEndpoint
				other.Location = "https://other.example/acs"
				req.ACSEndpoint = &other
			}
		}, want: federation.ErrUntrusted},
		"begun by the provider": {with: func(i *samlProvider) {
			i.request = func(req *saml.IdpAuthnRequest) { req.Request.ID = "" }
		}, want: federation.ErrUntrusted},
		"answers another request": {with: func(i *samlProvider) {
			i.request = func(req *saml.IdpAuthnRequest) { req.Request.ID = "id-of-another-request" }
		}, want: federation.ErrUntrusted},
		"transient name": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Subject.NameID.Format = string(saml.TransientNameIDFormat) }
		}, want: federation.ErrConfig},
		"no name": {with: func(i *samlProvider) {
			i.assert = func(a *saml.Assertion) { a.Subject.NameID = nil }
		}, want: federation.ErrConfig},
		"refused": {with: func(i *samlProvider) {
			i.answer = func(r *etree.Element) {
				remove(r, "./Signature")
				remove(r, "./Assertion")
				r.FindElement("//StatusCode").CreateAttr("Value", "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed")
			}
		}, want: federation.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newSAMLProvider(t, idpKey)
			c.with(i)
			p := newSAML(t, i, c.config)
			begun := begin(t, p)
			id, err := p.Finish(t.Context(), finish(begun, i.signIn(t, begun)))
			if c.want != nil {
				wantError(t, err, c.want)
			} else if err != nil || id.ExternalID != "ada-at-idp" {
				t.Errorf("identity %q, error %v", id.ExternalID, err)
			}
		})
	}
}

// An answer belongs to one sign-in, whoever presents it and however often.
func TestSAMLAnswerToAnotherSignIn(t *testing.T) {
	t.Parallel()
	i := newSAMLProvider(t, newRSA(t))
	p := newSAML(t, i, nil)
	begun := begin(t, p)
	answer := i.signIn(t, begun)
	if _, err := p.Finish(t.Context(), finish(begun, answer)); err != nil {
		t.Fatal(err)
	}
	_, err := p.Finish(t.Context(), finish(begin(t, p), answer))
	wantError(t, err, federation.ErrUntrusted)

	answer.Set("RelayState", "wrong")
	_, err = p.Finish(t.Context(), finish(begun, answer))
	wantError(t, err, federation.ErrUntrusted)
}

func TestSAMLResponsesThatAreNotRead(t *testing.T) {
	t.Parallel()
	i := newSAMLProvider(t, newRSA(t))
	p := newSAML(t, i, nil)
	begun := begin(t, p)
	const open, end = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">`, `</samlp:Response>`
	encoded := func(s string) []string { return []string{base64.StdEncoding.EncodeToString([]byte(s))} }
	for name, response := range map[string][]string{
		"none":          nil,
		"two":           {"AA==", "AA=="},
		"not base64":    {"%%%"},
		"empty":         {""},
		"not XML":       encoded("hello"),
		"not closed":    encoded(open),
		"another root":  encoded(`<a/>`),
		"entity bomb":   encoded(`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>` + open + `&b;` + end),
		"entity file":   encoded(`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>` + open + `&x;` + end),
		"nested deeply": encoded(open + strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000) + end),
		"many elements": encoded(open + strings.Repeat("<a/>", 100_000) + end),
		"too large":     encoded(open + strings.Repeat(" ", 1<<20) + end),
		"id used twice": encoded(open + `<a ID="1"/><b ID="1"/>` + end),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := p.Finish(t.Context(), finish(begun, url.Values{"RelayState": {state}, "SAMLResponse": response}))
			wantError(t, err, federation.ErrUntrusted)
		})
	}
}

func TestSAMLMetadataThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	i := newSAMLProvider(t, newRSA(t))
	good := *i.Metadata()
	for name, c := range map[string]struct {
		change   func(*saml.EntityDescriptor)
		document string
	}{
		"expired":        {change: func(d *saml.EntityDescriptor) { d.ValidUntil = time.Now().Add(-time.Hour) }},
		"no entity":      {change: func(d *saml.EntityDescriptor) { d.EntityID = "" }},
		"no provider":    {change: func(d *saml.EntityDescriptor) { d.IDPSSODescriptors = nil }},
		"no certificate": {change: func(d *saml.EntityDescriptor) { d.IDPSSODescriptors[0].KeyDescriptors = nil }},
		"no binding":     {change: func(d *saml.EntityDescriptor) { d.IDPSSODescriptors[0].SingleSignOnServices = nil }},
		"a script": {change: func(d *saml.EntityDescriptor) {
			d.IDPSSODescriptors[0].SingleSignOnServices[0].Location = "javascript:alert(1)"
		}},
		"not XML": {document: "hello"},
		"a DTD":   {document: `<!DOCTYPE x><EntityDescriptor/>`},
		"HTML":    {document: `<html><body>not found</body></html>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := []byte(c.document)
			if c.change != nil {
				changed := good
				changed.IDPSSODescriptors = append([]saml.IDPSSODescriptor(nil), good.IDPSSODescriptors...)
				services := append([]saml.Endpoint(nil), good.IDPSSODescriptors[0].SingleSignOnServices...)
				changed.IDPSSODescriptors[0].SingleSignOnServices = services
				c.change(&changed)
				var err error
				if document, err = xml.Marshal(changed); err != nil {
					t.Fatal(err)
				}
			}
			p, err := newClient(t).SAML(federation.SAMLConfig{EntityID: entityID, MetadataXML: document})
			if err == nil {
				err = p.Test(t.Context())
			}
			wantError(t, err, federation.ErrConfig)
		})
	}
}

func TestSAMLMetadataOfThisSide(t *testing.T) {
	t.Parallel()
	i := newSAMLProvider(t, newRSA(t))
	newSAML(t, i, nil)
	if i.known.EntityID != entityID || len(i.known.SPSSODescriptors) != 1 {
		t.Fatalf("metadata: %+v", i.known)
	}
	sp := i.known.SPSSODescriptors[0]
	if len(sp.AssertionConsumerServices) != 1 || sp.AssertionConsumerServices[0].Location != callback ||
		sp.WantAssertionsSigned == nil || !*sp.WantAssertionsSigned {
		t.Errorf("metadata: %+v", sp)
	}
}
