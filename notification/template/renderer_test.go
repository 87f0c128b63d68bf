package template

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/notification/channel"
)

var update = flag.Bool("update", false, "write the golden files anew")

func everyKind() []channel.Kind {
	return []channel.Kind{
		channel.EmailVerification, channel.PhoneVerification, channel.PasswordReset, channel.Invitation, channel.PasskeyRegistration,
		channel.SignIn, channel.PasswordChanged,
	}
}

// base is a user with everything; tests change what they are about.
func base(kind channel.Kind, ch channel.Channel, language string) Data {
	return Data{
		Kind: kind, Channel: ch, Language: language,
		Name: "Ada Lovelace", Username: "ada", UserID: "user-1", OrganizationID: "org-1",
		Code: "K7M2QX", ValidFor: time.Hour,
	}
}

// expected is base with what this kind of message has besides.
func expected(kind channel.Kind, ch channel.Channel, language string) Data {
	data := base(kind, ch, language)
	switch kind {
	case channel.Invitation:
		data.Application, data.ValidFor = "Harbour Works", 72*time.Hour
	case channel.PasskeyRegistration:
		data.Code, data.CodeID = "K7M2QXABCDEF", "0198d1a2"
	case channel.SignIn:
		data.Code, data.ValidFor = "20473918", 5*time.Minute
	case channel.PasswordChanged:
		data.Code, data.ValidFor = "", 0
	}
	return data
}

func newRenderer(t *testing.T, cfg Config) *Renderer {
	t.Helper()
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t *testing.T, r *Renderer, data Data) Content {
	t.Helper()
	content, err := r.Render(data)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestGolden(t *testing.T) {
	t.Parallel()
	links := map[channel.Kind]string{
		channel.EmailVerification: "https://login.example.com/verify?user={{.UserID}}&code={{.Code}}",
		channel.PasswordReset:     "https://login.example.com/reset?user={{.UserID}}&code={{.Code}}",
		channel.Invitation:        "https://login.example.com/invitation?user={{.UserID}}&code={{.Code}}",
	}
	r := newRenderer(t, Config{Links: links})
	for _, language := range []string{"en", "de"} {
		for _, kind := range everyKind() {
			for _, ch := range []channel.Channel{channel.Email, channel.SMS} {
				name := strings.Join([]string{string(kind), string(ch), language}, ".")
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					content := render(t, r, expected(kind, ch, language))
					golden(t, name+".txt", "Subject: "+content.Subject+"\n\n"+content.Text+"\n")
					if ch == channel.Email {
						golden(t, name+".html", content.HTML)
					}
				})
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what is rendered:\n%s", path, got)
	}
}

func TestPasskeyMessageNamesItsCodeByLinkOrNumber(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, Config{})
	for _, language := range []string{"en", "de"} {
		data := expected(channel.PasskeyRegistration, channel.Email, language)
		data.URLTemplate = "https://app.example/passkey?u={{.UserID}}&o={{.OrgID}}&i={{.CodeID}}&c={{.Code}}"
		const link = "    https://app.example/passkey?u=user-1&o=org-1&i=0198d1a2&c=K7M2QXABCDEF\n"
		if content := render(t, r, data); !strings.Contains(content.Text, link) || strings.Count(content.Text, data.CodeID) != 1 {
			t.Errorf("with a link:\n%s", content.Text)
		}
		data.URLTemplate = ""
		content := render(t, r, data)
		if !strings.Contains(content.Text, data.CodeID) || !strings.Contains(content.HTML, data.CodeID) {
			t.Errorf("without a link:\n%s", content.Text)
		}
	}
}

func TestInvitationNamesTheApplication(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, Config{Application: "Platform"})
	for application, want := range map[string]string{
		"":                          "Platform: you are invited",
		"Harbour Works":             "Harbour Works: you are invited",
		"win at casino.example/win": "Platform: you are invited",
		"line\r\nBcc: a":            "Platform: you are invited",
	} {
		data := expected(channel.Invitation, channel.Email, "en")
		data.Application = application
		if got := render(t, r, data).Subject; got != want {
			t.Errorf("application %q: subject %q, want %q", application, got, want)
		}
	}
}

func TestHowLongACodeIsValid(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, Config{})
	for life, want := range map[time.Duration]string{
		20 * time.Second: "one minute.", 5 * time.Minute: "5 minutes.", time.Hour: "60 minutes.", 90 * time.Minute: "90 minutes.",
		72*time.Hour - time.Second: "72 hours.",
	} {
		data := base(channel.Invitation, channel.Email, "en")
		data.ValidFor = life
		if content := render(t, r, data); !strings.Contains(content.Text, "The code is valid for "+want+"\n") {
			t.Errorf("%s: %s is missing in\n%s", life, want, content.Text)
		}
	}
}

func TestLanguageIsTheClosestSupported(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, Config{})
	for preferred, want := range map[string]string{
		"": "en", "und": "en", "en-GB": "en", "de": "de", "de-AT": "de", "gsw": "de", "fr": "en", "zh-Hant": "en", "no such": "en",
	} {
		if got := render(t, r, base(channel.PasswordReset, channel.Email, preferred)).Language; got != want {
			t.Errorf("preferred %q: got %q, want %q", preferred, got, want)
		}
	}
}

func TestHTMLEscapesWhatUsersChoose(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, Config{Application: "A & B"})
	data := base(channel.EmailVerification, channel.Email, "en")
	data.Username = `<script>alert("1")`
	data.URLTemplate = `https://example.com/?a=1&c={{.Code}}`
	content := render(t, r, data)
	if strings.Contains(content.HTML, "<script") || !strings.Contains(content.HTML, "&lt;script&gt;") {
		t.Errorf("username is not escaped:\n%s", content.HTML)
	}
	if !strings.Contains(content.HTML, `href="https://example.com/?a=1&amp;c=K7M2QX"`) {
		t.Errorf("link is not an escaped attribute:\n%s", content.HTML)
	}
	if !strings.Contains(content.Text, "https://example.com/?a=1&c=K7M2QX\n") {
		t.Errorf("plain text carries the link as it is:\n%s", content.Text)
	}
	if !strings.HasPrefix(content.Subject, "A & B: ") {
		t.Errorf("subject is plain text: %q", content.Subject)
	}
}

func TestGreetingTakesNoAdvertisement(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ada":                       "Ada",
		"J. R. Smith":               "J. R. Smith",
		"Jean-Luc d'Arc":            "Jean-Luc d'Arc",
		"Müller & Söhne":            "Müller & Söhne",
		"win at casino.example":     "",
		"http://casino.example/win": "",
		"write me@example.com":      "",
		"www casino":                "www casino",
		"www.casino":                "",
		"line\r\nBcc: a":            "",
		strings.Repeat("x", 65):     "",
		"Ada\u202eecalevoL":         "",
	} {
		if got := greetable(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestMessagesQuoteOnlyIdentifyingUsernames(t *testing.T) {
	t.Parallel()
	for username, want := range map[string]string{
		"ada":                    "ada",
		"ada@example.com":        "ada@example.com",
		"win at the casino":      "",
		"casino.example/win":     "",
		"ada\nBcc: x":            "",
		strings.Repeat("x", 201): "",
	} {
		if got := identifying(username); got != want {
			t.Errorf("%q: got %q, want %q", username, got, want)
		}
	}
}

func TestCallersLinkReplacesTheDefault(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, Config{Links: map[channel.Kind]string{channel.PasswordReset: "https://default.example/{{.Code}}"}})
	data := base(channel.PasswordReset, channel.Email, "en")
	data.UserID = "a b&c/d"
	for name, test := range map[string]struct{ template, want string }{
		"none":               {"", "https://default.example/K7M2QX"},
		"values are escaped": {"https://app.example/?u={{.UserID}}&o={{.OrgID}}", "https://app.example/?u=a+b%26c%2Fd&o=org-1"},
		"escaped only once":  {"https://app.example/?u={{urlquery .UserID}}", "https://app.example/?u=a+b%26c%2Fd"},
		"condition":          {"https://app.example/{{if .OrgID}}in{{else}}out{{end}}", "https://app.example/in"},
		"unknown name":       {"https://app.example/{{.Password}}", "https://default.example/K7M2QX"},
		"other scheme":       {"javascript:alert(1)", "https://default.example/K7M2QX"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := data
			data.URLTemplate = test.template
			if content := render(t, r, data); !strings.Contains(content.Text, "    "+test.want+"\n") {
				t.Errorf("want %s in:\n%s", test.want, content.Text)
			}
		})
	}
}

func TestSMSFitsOneSegment(t *testing.T) {
	t.Parallel()
	long := "https://login.example.com/" + strings.Repeat("long/", 30) + "{{.Code}}"
	r := newRenderer(t, Config{Links: map[channel.Kind]string{
		channel.EmailVerification: long, channel.PhoneVerification: long, channel.PasswordReset: long, channel.Invitation: long,
		channel.PasskeyRegistration: long, channel.SignIn: long,
	}})
	for _, language := range []string{"en", "de"} {
		for _, kind := range everyKind() {
			if kind == channel.PasswordChanged {
				continue // it has no code, and goes by email
			}
			data := base(kind, channel.SMS, language)
			content := render(t, r, data)
			if n := septets(content.Text); n > segment {
				t.Errorf("%s in %s takes %d characters: %s", kind, language, n, content.Text)
			}
			if !strings.Contains(content.Text, data.Code) || content.Subject != "" || content.HTML != "" {
				t.Errorf("%s in %s: %+v", kind, language, content)
			}
			data.URLTemplate = long
			if content := render(t, r, data); !strings.Contains(content.Text, "long/K7M2QX") {
				t.Errorf("%s in %s lost the caller's link: %s", kind, language, content.Text)
			}
		}
	}
}

func TestSeptets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                       0,
		"abc":                    3,
		"äöüß":                   4,
		"€[]":                    6,
		"я":                      3,   // one of 70 units of UCS-2, scaled to 160
		strings.Repeat("я", 70):  160, // exactly one segment
		strings.Repeat("я", 71):  163,
		strings.Repeat("a", 160): 160,
		"😀":                      5,
	} {
		if got := septets(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"long name":      {Application: strings.Repeat("x", 61)},
		"line break":     {Application: "a\nb"},
		"broken link":    {Links: map[channel.Kind]string{channel.PasswordReset: "https://x/{{.Code"}},
		"relative link":  {Links: map[channel.Kind]string{channel.PasswordReset: "/reset?code={{.Code}}"}},
		"unknown values": {Links: map[channel.Kind]string{channel.PasswordReset: "https://x/{{.Nope}}"}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := newRenderer(t, Config{}).Render(Data{Kind: "invoice", Channel: channel.Email}); err == nil {
		t.Error("rendered a message of an unknown kind")
	}
}
