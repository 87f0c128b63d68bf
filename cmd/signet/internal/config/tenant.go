package config

import (
	"net/url"
	"slices"
	"strings"
)

// ForHost returns the settings of a tenant with a host name of its own: every URL is that of the installation, but on this host.
// Its passkeys are for pages there. Browsers may be sent back there, and to what --redirect-origins names.
func (s *Server) ForHost(host string) *Server {
	own := *s
	own.host = host
	external, err := url.Parse(own.External())
	if err != nil {
		return &own
	}
	if s.ExternalURL != "" {
		external.Host = strings.Replace(external.Host, external.Hostname(), host, 1)
		own.ExternalURL = external.String()
	}
	origin := external.Scheme + "://" + external.Host
	if len(s.RedirectOrigins) > 0 {
		own.RedirectOrigins = append(slices.Clone(s.RedirectOrigins), origin)
	}
	switch {
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		own.WebAuthn.Origins = []string{origin}
	case !strings.Contains(host, "."):
		own.WebAuthn.Origins = nil // browsers use no passkeys on such a host
	case external.Scheme == "http":
		own.WebAuthn.Origins = []string{"https://" + host} // nor without TLS
	default:
		own.WebAuthn.Origins = []string{origin}
	}
	return &own
}
