package template

import (
	"errors"
	"strings"
	"testing"

	"github.com/signet-iam/signet/notification/channel"
)

func TestValidateLink(t *testing.T) {
	t.Parallel()
	good := []string{
		"https://example.com/verify",
		"https://example.com/verify?u={{.UserID}}&c={{.Code}}&o={{.OrgID}}",
		"http://localhost:3000/{{.Code}}",
		`https://example.com/{{if eq .OrgID "org"}}a{{else if and .Code .UserID}}b{{else}}c{{end}}`,
		"https://example.com/{{urlquery .Code}}",
		"https://example.com/{{/* why */}}x",
	}
	if err := ValidateLink(channel.PasskeyRegistration, "https://example.com/{{.CodeID}}/{{.Code}}"); err != nil {
		t.Errorf("id of a passkey code: %v", err)
	}
	for _, source := range good {
		if err := ValidateLink(channel.EmailVerification, source); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
	bad := map[string]string{
		"does not parse":     "https://example.com/{{.Code",
		"unknown value":      "https://example.com/{{.Secret}}",
		"endless loop":       "https://example.com/{{range 1000000000000}}x{{end}}",
		"pads":               `https://example.com/{{printf "%1000000000d" 1}}`,
		"calls":              "https://example.com/{{len .Code}}",
		"variable":           "https://example.com/{{$x := .Code}}{{$x}}",
		"defines":            `{{define "a"}}x{{end}}https://example.com/`,
		"includes itself":    `https://example.com/{{template "url"}}`,
		"relative":           "/verify?code={{.Code}}",
		"script":             "javascript:alert({{.Code}})",
		"data":               "data:text/html,{{.Code}}",
		"no host":            "https:///x",
		"markup":             `https://example.com/"><script>`,
		"line break":         "https://example.com/\r\nBcc: a@example.com",
		"endless source":     "https://example.com/" + strings.Repeat("x", maxTemplate),
		"field of a field":   "https://example.com/{{.Code.Length}}",
		"id of no passkey":   "https://example.com/{{.CodeID}}",
		"whole environment":  "https://example.com/{{.}}",
		"nested with":        "https://example.com/{{with .Code}}{{.}}{{end}}",
		"block":              `https://example.com/{{block "b" .}}x{{end}}`,
		"comparison of html": `https://example.com/{{html .Code}}`,
	}
	for name, source := range bad {
		if err := ValidateLink(channel.EmailVerification, source); !errors.Is(err, ErrLink) {
			t.Errorf("%s: got %v, want ErrLink", name, err)
		}
	}
}
