package webauthn

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	library "github.com/go-webauthn/webauthn/webauthn"
)

// Errors of this package.
var (
	ErrDomain     = errors.New("webauthn: no configured origin lies in the domain")
	ErrUnreadable = errors.New("webauthn: the response cannot be read")
	ErrRejected   = errors.New("webauthn: the response does not answer the challenge")
)

// RelyingParty is who asks authenticators. It is safe for concurrent use.
type RelyingParty struct {
	name    string
	origins []origin
}

type origin struct {
	text string
	host string // without port
}

// NewRelyingParty returns the relying party of some pages. The name is shown to people. Origins are "https://host" with or
// without a port; http is for localhost only. The first one's host is the domain where a caller names none.
func NewRelyingParty(name string, origins ...string) (*RelyingParty, error) {
	if strings.TrimSpace(name) == "" {
		return nil, errors.New("webauthn: a relying party needs a name")
	}
	if len(origins) == 0 {
		return nil, errors.New("webauthn: a relying party needs an origin")
	}
	p := &RelyingParty{name: name}
	for _, text := range origins {
		o, err := parseOrigin(text)
		if err != nil {
			return nil, err
		}
		p.origins = append(p.origins, o)
	}
	return p, nil
}

func parseOrigin(text string) (origin, error) {
	u, err := url.Parse(strings.ToLower(strings.TrimSpace(text)))
	if err != nil || u.Host == "" || u.User != nil || strings.TrimSuffix(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return origin{}, fmt.Errorf("webauthn: an origin is a scheme, a host and perhaps a port, not %q", text)
	}
	host := u.Hostname()
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && isLocalhost(host):
	default:
		return origin{}, fmt.Errorf("webauthn: an origin has the scheme https, or http for localhost, not %q", text)
	}
	if net.ParseIP(host) != nil || strings.ContainsFunc(host, isNoneOfDomain) || protocol.ValidateRPID(host) != nil {
		return origin{}, fmt.Errorf("webauthn: the host of an origin is a domain, not %q", text)
	}
	return origin{text: u.Scheme + "://" + u.Host, host: host}, nil
}

// isNoneOfDomain reports whether a character is in no domain as browsers send it: one in another script is in ASCII there.
func isNoneOfDomain(c rune) bool {
	return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.'
}

func isLocalhost(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// Domain returns the relying party id for a domain that somebody asks for, and for none the default. A domain is served if a
// configured origin lies in it.
func (p *RelyingParty) Domain(asked string) (string, error) {
	if asked == "" {
		return p.origins[0].host, nil
	}
	domain := strings.ToLower(asked)
	if len(p.within(domain)) == 0 {
		return "", ErrDomain
	}
	return domain, nil
}

// within returns the origins in a domain.
func (p *RelyingParty) within(domain string) []string {
	var origins []string
	for _, o := range p.origins {
		if o.host == domain || domain != "" && strings.HasSuffix(o.host, "."+domain) {
			origins = append(origins, o.text)
		}
	}
	return origins
}

// verifier returns what verifies answers in a domain.
func (p *RelyingParty) verifier(domain string) (*library.WebAuthn, error) {
	origins := p.within(domain)
	if len(origins) == 0 { // not any more
		return nil, ErrDomain
	}
	v, err := library.New(&library.Config{
		RPID: domain, RPDisplayName: p.name, RPOrigins: origins,
		// Extensions are not asked for; what a client says of them unasked counts for nothing.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("webauthn: %w", err)
	}
	return v, nil
}
