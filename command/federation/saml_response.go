package federation

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// The limits of a document: far above what providers send, far below what makes canonicalization slow.
const (
	maxXMLDepth    = 64
	maxXMLElements = 20_000
	samlSkew       = 90 * time.Second // between the provider's clock and this one
)

// scanXML refuses what has no place in SAML and is there to hurt: a DTD, deep nesting, masses of elements, an id used twice.
func scanXML(document []byte) error {
	depth, elements := 0, 0
	ids := make(map[string]struct{})
	d := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("malformed XML")
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("a DTD is not allowed")
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			elements++
			for _, a := range t.Attr {
				if a.Name.Space != "" || a.Name.Local != "ID" {
					continue
				}
				if _, twice := ids[a.Value]; twice {
					return errors.New("an id is used twice")
				}
				ids[a.Value] = struct{}{}
			}
		}
		if depth > maxXMLDepth || elements > maxXMLElements {
			return errors.New("nested too deeply, or too many elements")
		}
	}
}

// verify returns the assertion of a response to the request with the given id.
func (p *SAML) verify(sp *saml.ServiceProvider, response []byte, request string) (*saml.Assertion, error) {
	if err := p.checkShape(response); err != nil {
		return nil, refuse(ErrUntrusted, err, "the response is not one that is accepted: %s", err)
	}
	assertion, err := parseResponse(sp, response, request)
	var status saml.ErrBadStatus
	var invalid *saml.InvalidResponseError
	if errors.As(err, &invalid) {
		if errors.As(invalid.PrivateErr, &status) {
			return nil, refuse(ErrDenied, nil, "the identity provider refused the sign-in: %s", printable(status.Status))
		}
		// The text may quote ids, nothing secret; the response itself stays out.
		return nil, refuse(ErrUntrusted, invalid.PrivateErr, "the response is not signed by this provider, or not made for this sign-in and this time")
	}
	if err != nil {
		return nil, refuse(ErrUntrusted, err, "the response cannot be verified")
	}
	if err := p.checkAssertion(assertion, sp, request); err != nil {
		return nil, refuse(ErrUntrusted, err, "the assertion is not accepted: %s", err)
	}
	return assertion, nil
}

// parseResponse lets the library verify. It takes parts of an assertion for granted that are optional in the schema.
func parseResponse(sp *saml.ServiceProvider, response []byte, request string) (a *saml.Assertion, err error) {
	defer func() {
		if r := recover(); r != nil {
			a, err = nil, errors.New("incomplete assertion")
		}
	}()
	return sp.ParseXMLResponse(response, []string{request}, sp.AcsURL)
}

// checkShape refuses everything but a response with one assertion, before any signature is looked at.
func (p *SAML) checkShape(response []byte) error {
	if err := scanXML(response); err != nil {
		return err
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(response); err != nil || document.Root() == nil {
		return errors.New("malformed XML")
	}
	root := document.Root()
	if root.Tag != "Response" || root.NamespaceURI() != "urn:oasis:names:tc:SAML:2.0:protocol" {
		return errors.New("not a response")
	}
	assertions, signed := 0, false
	for _, child := range root.ChildElements() {
		switch child.Tag {
		case "Assertion", "EncryptedAssertion":
			assertions++
		case "Signature":
			signed = true
		}
	}
	switch {
	case assertions > 1:
		return errors.New("more than one assertion")
	case p.config.WantSignedResponse && !signed:
		return errors.New("the response is not signed")
	}
	return nil
}

// checkAssertion demands what the schema leaves open and the web browser SSO profile does not (saml-profiles-2.0-os, section
// 4.1.4.2), at the client's time.
func (p *SAML) checkAssertion(a *saml.Assertion, sp *saml.ServiceProvider, request string) error {
	now := p.client.now()
	switch {
	case a.Subject == nil || a.Conditions == nil:
		return errors.New("no subject or no conditions")
	case len(a.AuthnStatements) == 0:
		return errors.New("nobody was authenticated")
	case a.IssueInstant.After(now.Add(samlSkew)), a.Conditions.NotBefore.After(now.Add(samlSkew)):
		return errors.New("it is of the future")
	case !a.Conditions.NotOnOrAfter.IsZero() && !now.Before(a.Conditions.NotOnOrAfter.Add(samlSkew)):
		return errors.New("it is expired")
	case len(a.Conditions.AudienceRestrictions) == 0:
		return errors.New("it is made for nobody in particular")
	}
	for _, restriction := range a.Conditions.AudienceRestrictions {
		if restriction.Audience.Value != p.config.EntityID {
			return errors.New("it is made for another entity")
		}
	}
	bearer := func(c saml.SubjectConfirmation) bool {
		d := c.SubjectConfirmationData
		return c.Method == "urn:oasis:names:tc:SAML:2.0:cm:bearer" && d != nil && d.InResponseTo == request &&
			d.Recipient == sp.AcsURL.String() && now.Before(d.NotOnOrAfter.Add(samlSkew))
	}
	if !slices.ContainsFunc(a.Subject.SubjectConfirmations, bearer) {
		return errors.New("it does not confirm its subject for this sign-in")
	}
	return nil
}

// signatures verifies one signature of a response or an assertion at the client's time.
type signatures struct{ now time.Time }

// With SHA-1 the same signature can be made to fit two documents.
func sha2(signature, digest string) bool {
	return slices.Contains([]string{
		dsig.RSASHA256SignatureMethod, dsig.RSASHA384SignatureMethod, dsig.RSASHA512SignatureMethod,
		dsig.ECDSASHA256SignatureMethod, dsig.ECDSASHA384SignatureMethod, dsig.ECDSASHA512SignatureMethod,
	}, signature) && slices.Contains([]string{
		"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512",
	}, digest)
}

// VerifySignature accepts an element that is signed as a whole by one signature among its children, with one reference
// (saml-core-2.0-os, section 5.4.2). A signature elsewhere in it could refer to it too and be taken instead.
func (s signatures) VerifySignature(v *dsig.ValidationContext, el *etree.Element) error {
	id := el.SelectAttrValue("ID", "")
	if id == "" {
		return errors.New("the signed element has no id")
	}
	own := 0
	for _, signature := range el.FindElements(".//Signature") {
		references := signature.FindElements("./SignedInfo/Reference")
		if len(references) != 1 {
			return errors.New("a signature has not exactly one reference")
		}
		if references[0].SelectAttrValue("URI", "") != "#"+id {
			continue
		}
		own++
		method, digest := "", ""
		if m := signature.FindElement("./SignedInfo/SignatureMethod"); m != nil {
			method = m.SelectAttrValue("Algorithm", "")
		}
		if d := references[0].FindElement("./DigestMethod"); d != nil {
			digest = d.SelectAttrValue("Algorithm", "")
		}
		switch {
		case signature.Parent() != el:
			return errors.New("a signature of the element is elsewhere")
		case !sha2(method, digest):
			return errors.New("the signature is made with an algorithm that is not accepted")
		}
	}
	if own != 1 {
		return errors.New("the element has not exactly one signature")
	}
	v.Clock = dsig.NewFakeClockAt(s.now)
	if _, err := v.Validate(el); err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	return nil
}
