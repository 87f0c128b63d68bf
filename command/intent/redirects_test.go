package intent_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/internal/commandtest"
)

// Nothing but a plain URL of an allowed origin gets through, whichever of the two it is.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for target, allowed := range map[string]bool{
		"https://login.example.com":                         true,
		"https://login.example.com/":                        true,
		"https://login.example.com/done?next=https://x.org": true,
		"https://LOGIN.example.com/done":                    true,
		"https://login.example.com:443/done":                true,

		"http://login.example.com/done":                          false,
		"https://login.example.com:8443/done":                    false,
		"https://example.com/done":                               false,
		"https://login.example.com.evil.org/done":                false,
		"https://evil.org/https://login.example.com":             false,
		"https://xlogin.example.com/done":                        false,
		"https://login.example.com@evil.org/done":                false,
		"https://user@login.example.com/done":                    false,
		"https://login.example.com\\@evil.org/done":              false,
		"https://evil.org\\@login.example.com/done":              false,
		"https:\\\\login.example.com/done":                       false,
		"https://login.example.com/done#fragment":                false,
		"https://login.example.com/done#":                        false,
		"https://login.example.com./done":                        false,
		"//login.example.com/done":                               false,
		"/done":                                                  false,
		"login.example.com/done":                                 false,
		"https:login.example.com":                                false,
		"https:///login.example.com":                             false,
		"javascript:alert(1)//https://login.example.com":         false,
		"data:text/html,x":                                       false,
		" https://login.example.com/done":                        false,
		"https://login.example.com/do ne":                        false,
		"https://login.example.com/\r\nSet-Cookie: a":            false,
		"https://login.example.com/\x00":                         false,
		"https://löгin.example.com/done":                         false,
		"https://login.example.com/?%zz":                         false,
		"":                                                       false,
		"https://login.example.com/" + strings.Repeat("a", 3000): false,
	} {
		for name, b := range map[string]intent.Browser{
			"success": {SuccessURL: target, FailureURL: failed}, "failure": {SuccessURL: success, FailureURL: target},
		} {
			_, err := s.Intents.Start(t.Context(), loginPage(), intent.Start{ProviderID: s.provider, Browser: &b})
			if allowed && err != nil || !allowed && !errors.Is(err, intent.ErrRedirect) {
				t.Errorf("%s URL %q: %v", name, target, err)
			}
		}
	}
}

func TestOriginsOfRedirects(t *testing.T) {
	t.Parallel()
	for origin, good := range map[string]bool{
		commandtest.LoginOrigin: true, "https://login.example.com/": true, "http://localhost:3000": true, "http://[::1]:3000": true,
		"https://login.example.com/path": false, "https://*.example.com/": true, "*": false, "ftp://example.com": false,
		"https://example.com?a": false, "https://example.com#a": false, "https://u@example.com": false, "": false, "null": false,
	} {
		if _, err := intent.NewRedirects(origin); (err == nil) != good {
			t.Errorf("%q: %v", origin, err)
		}
	}
}
