package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/signet-iam/signet/command/intent"
)

var errExternalURL = errors.New("--external-url: an absolute http or https URL without user, query and fragment")

func (s *Server) validateFederation() error {
	if s.ExternalURL != "" {
		u, err := url.Parse(s.ExternalURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Contains(s.ExternalURL, "#") {
			return errExternalURL
		}
	}
	if _, err := s.Redirects(); err != nil {
		return fmt.Errorf("--redirect-origins: %w", err)
	}
	if _, err := s.PrivateNetworks(); err != nil {
		return fmt.Errorf("--federation-allow-private: %w", err)
	}
	return nil
}

// External returns where browsers reach the installation, without a slash at the end.
func (s *Server) External() string {
	if s.ExternalURL != "" {
		return strings.TrimRight(s.ExternalURL, "/")
	}
	_, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return "http://" + s.name()
	}
	return "http://" + net.JoinHostPort(s.name(), port)
}

// name is the host in URLs where the operator named none.
func (s *Server) name() string { return cmp.Or(s.host, "localhost") }

// Redirects returns where browsers may be sent after a sign-in at an identity provider.
func (s *Server) Redirects() (*intent.Redirects, error) {
	origins := s.RedirectOrigins
	if len(origins) == 0 {
		own, err := url.Parse(s.External())
		if err != nil {
			return nil, errExternalURL
		}
		origins = append([]string{own.Scheme + "://" + own.Host}, s.WebAuthn.Origins...)
	}
	return intent.NewRedirects(origins...)
}

// PrivateNetworks returns the networks of identity providers that may be spoken to although they are not public.
func (s *Server) PrivateNetworks() ([]netip.Prefix, error) {
	return networks(s.FederationAllowPrivate)
}
