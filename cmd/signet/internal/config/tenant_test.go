package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-iam/signet/command/tenant"
)

func TestForHost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args                       []string
		host                       string
		external, issuer, passkeys string
		redirects                  []string
	}{
		"by default":    {nil, "acme.com", "http://acme.com:8080", "http://acme.com", "https://acme.com", nil},
		"on localhost":  {nil, "acme.localhost", "http://acme.localhost:8080", "http://acme.localhost", "http://acme.localhost:8080", nil},
		"behind a port": {[]string{"--external-url", "https://id.example.com:8443"}, "acme.com", "https://acme.com:8443", "https://acme.com:8443", "https://acme.com:8443", nil},
		"below a path":  {[]string{"--external-url", "https://example.com/id/"}, "acme.com", "https://acme.com/id", "https://acme.com/id", "https://acme.com", nil},
		"passkeys and redirects of the installation": {
			[]string{"--external-url", "https://id.com", "--webauthn-origins", "https://login.id.com", "--redirect-origins", "https://app.com"},
			"acme.com", "https://acme.com", "https://acme.com", "https://acme.com", []string{"https://app.com", "https://acme.com"},
		},
	} {
		all, err := read(t, "", c.args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before := all.External()
		own := all.ForHost(c.host)
		if err := own.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if own.External() != c.external || own.Issuer() != c.issuer || !slices.Equal(own.WebAuthn.Origins, []string{c.passkeys}) || !slices.Equal(own.RedirectOrigins, c.redirects) {
			t.Errorf("%s: %s, %s, %v, %v", name, own.External(), own.Issuer(), own.WebAuthn.Origins, own.RedirectOrigins)
		}
		if all.External() != before || len(all.RedirectOrigins) > 1 {
			t.Errorf("%s: the installation's settings changed", name)
		}
	}
}

// Every host name that a tenant can have makes settings that hold.
func TestForEveryHost(t *testing.T) {
	t.Parallel()
	for _, external := range []string{"http://localhost:8080", "https://id.example.com"} {
		all, err := read(t, "", "--external-url", external)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"intranet", "a", "1a.b2.c-d", "co.uk", "xn--bcher-kva.example", "localhost", "x.localhost", strings.Repeat("a.", 126) + "b"} {
			if tenant.ParseHost(host) != host {
				t.Errorf("%s is no host name", host)
			}
			if err := all.ForHost(host).Validate(); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		}
	}
}
