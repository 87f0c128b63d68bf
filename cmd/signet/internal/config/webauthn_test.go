package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/webauthn"
)

// read parses what an operator set.
func read(t *testing.T, file string, args ...string) (config.Server, error) {
	t.Helper()
	var cfg config.Server
	yaml, err := config.YAML(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&cfg, kong.Resolvers(yaml))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return cfg, err
}

func TestWebAuthnOrigins(t *testing.T) {
	for name, c := range map[string]struct {
		file     string
		env      string
		args     []string
		domain   string // the default one
		others   []string
		unserved string
	}{
		"by default":     {domain: "localhost", unserved: "example.com"},
		"by flag":        {args: []string{"--webauthn-origins", "https://login.example.com,https://example.org"}, domain: "login.example.com", others: []string{"example.com", "example.org"}, unserved: "localhost"},
		"by variable":    {env: "https://example.com", domain: "example.com", unserved: "localhost"},
		"by file":        {file: "webauthn: {origins: [https://example.com, https://example.org]}", domain: "example.com", others: []string{"example.org"}, unserved: "localhost"},
		"on any address": {args: []string{"--listen", ":443"}, domain: "localhost", unserved: "example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.env != "" {
				t.Setenv("SIGNET_WEBAUTHN_ORIGINS", c.env)
			}
			cfg, err := read(t, c.file, c.args...)
			if err != nil {
				t.Fatal(err)
			}
			party, err := cfg.RelyingParty()
			if err != nil {
				t.Fatal(err)
			}
			if domain, err := party.Domain(""); err != nil || domain != c.domain {
				t.Errorf("domain %q, %v", domain, err)
			}
			for _, other := range c.others {
				if _, err := party.Domain(other); err != nil {
					t.Errorf("%s: %v", other, err)
				}
			}
			if _, err := party.Domain(c.unserved); !errors.Is(err, webauthn.ErrDomain) {
				t.Errorf("%s: %v", c.unserved, err)
			}
		})
	}
}

func TestWebAuthnOriginsThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"http://example.com", "example.com", "https://example.com/login", "https://192.0.2.1"} {
		if _, err := read(t, "", "--webauthn-origins", origin); err == nil || !strings.Contains(err.Error(), "--webauthn-origins") {
			t.Errorf("%s: %v", origin, err)
		}
	}
}
