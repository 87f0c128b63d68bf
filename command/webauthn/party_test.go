package webauthn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/signet-iam/signet/command/webauthn"
)

func TestOrigins(t *testing.T) {
	t.Parallel()
	for origin, domain := range map[string]string{
		"https://example.com":            "example.com",
		"https://login.example.com:8443": "login.example.com",
		" HTTPS://Example.COM/ ":         "example.com",
		"http://localhost":               "localhost",
		"http://localhost:8080":          "localhost",
		"http://app.localhost:8080":      "app.localhost",
		"https://localhost":              "localhost",

		"":                           "",
		"example.com":                "",
		"http://example.com":         "",
		"http://notlocalhost":        "",
		"ftp://example.com":          "",
		"https://":                   "",
		"https://example.com/login":  "",
		"https://example.com?a=b":    "",
		"https://example.com#a":      "",
		"https://a:b@example.com":    "",
		"https://127.0.0.1":          "",
		"http://[::1]:8080":          "",
		"https://exa mple.com":       "",
		"https://example.com:port":   "",
		"https://*.example.com":      "",
		"android:apk-key-hash:abcde": "",
	} {
		p, err := webauthn.NewRelyingParty("Signet", origin)
		if (err == nil) != (domain != "") {
			t.Errorf("%q: %v", origin, err)
		}
		if err != nil {
			continue
		}
		if got, err := p.Domain(""); err != nil || got != domain {
			t.Errorf("%q: domain %q, %v, want %q", origin, got, err, domain)
		}
	}
	if _, err := webauthn.NewRelyingParty("Signet"); err == nil {
		t.Error("no origin is enough")
	}
	if _, err := webauthn.NewRelyingParty(" ", "https://example.com"); err == nil {
		t.Error("no name is enough")
	}
}

func TestDomain(t *testing.T) {
	t.Parallel()
	p, err := webauthn.NewRelyingParty("Signet", "https://login.example.com", "http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]string{
		"": "login.example.com", "login.example.com": "login.example.com", "Example.com": "example.com", "localhost": "localhost",
		"in.example.com": "", ".example.com": "", "evil.com": "", "example.com.evil.com": "", "login.example.com:443": "",
	} {
		got, err := p.Domain(asked)
		if got != want || (want == "") != errors.Is(err, webauthn.ErrDomain) {
			t.Errorf("%q: %q, %v, want %q", asked, got, err, want)
		}
	}
}

// A handle has at most 64 bytes, an id may have more.
func TestHandles(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"1", strings.Repeat("x", 64)} {
		if got := (&webauthn.Account{ID: id}).Handle(); string(got) != id {
			t.Errorf("handle of %q: %q", id, got)
		}
	}
	long, longer := strings.Repeat("x", 65), strings.Repeat("x", 66)
	a, b := (&webauthn.Account{ID: long}).Handle(), (&webauthn.Account{ID: longer}).Handle()
	if len(a) > 64 || len(b) > 64 || string(a) == string(b) {
		t.Errorf("handles of long ids: %x, %x", a, b)
	}
}
