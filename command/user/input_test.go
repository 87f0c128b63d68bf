package user

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("a", 63)
	for in, want := range map[string]string{
		"mini@mouse.com": "mini@mouse.com", " Mini@Mouse.com ": "Mini@Mouse.com", "a@b": "a@b", "o'neill+tag=1/x@ex-ample.co": "o'neill+tag=1/x@ex-ample.co",
		"a@" + label63 + ".com": "a@" + label63 + ".com", "{x}~!#$%&*?^_`|@a.b": "{x}~!#$%&*?^_`|@a.b",
	} {
		if got, err := parseEmail(in); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"mini", "@mouse.com", "mini@", "mini@@mouse.com", "mi ni@mouse.com", "mini@mouse..com", "mini@.com", "mini@mouse.com.",
		"mini@-mouse.com", "mini@mouse-.com", "mini@mou_se.com", "mini@" + label63 + "a.com", "mini@mouse.com\r\nBcc: x@y", "mini\x00@mouse.com",
		"\"quoted\"@mouse.com", "mini@[127.0.0.1]", "münz@mouse.com", "mini@müse.com", "<mini@mouse.com>", strings.Repeat("a", 195) + "@b.com",
	} {
		if _, err := parseEmail(in); !errors.Is(err, ErrEmailInvalid) {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"", "  ", "\t"} {
		if _, err := parseEmail(in); !errors.Is(err, ErrEmailEmpty) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// What is accepted can stand in a mail header as it is.
func TestAcceptedAddressesAreHarmless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		email, err := parseEmail(rapid.StringOf(rapid.SampledFrom([]rune("ab.@-+\r\n\x00 <>,;:\"\\()ä"))).Draw(t, "email"))
		if err == nil && (strings.ContainsAny(email, "\r\n\x00 <>,;:\"\\()") || strings.Count(email, "@") != 1) {
			t.Fatalf("accepted: %q", email)
		}
	})
}

func TestPhoneNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+41791234567": "+41791234567", "+41 79 123 45 67": "+41791234567", "079 123 45 67": "+41791234567", "0041791234567": "+41791234567",
		"+1 (212) 555-0123": "+12125550123", "+49 1512 3456789": "+4915123456789",
	} {
		if got, err := parsePhone(in); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", " ", "phone", "+", "+999123456789", "1", "+4179123456712345678901", strings.Repeat("1", 300)} {
		if got, err := parsePhone(in); !errors.Is(err, ErrPhoneInvalid) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestURLTemplates(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"", "https://example.com/verify?userID={{.UserID}}&code={{.Code}}&orgID={{.OrgID}}", "http://localhost:8080/{{ .Code }}", "https://example.com/fixed",
		"https://example.com/{{- .Code -}}/x",
	} {
		if err := checkVerification(Send{URLTemplate: in}); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{
		"{{", "https://example.com/{{.Code", "https://example.com/{{.Secret}}", "https://example.com/{{.Code.X}}", "https://example.com/{{.}}",
		`https://example.com/{{printf "%99999999d" 1}}`, `https://example.com/{{.Code | printf "%s"}}`, "https://example.com/{{range .Code}}{{end}}",
		"https://example.com/{{if .Code}}x{{end}}", `{{define "a"}}{{template "a"}}{{end}}https://example.com/{{template "a"}}`,
		"https://example.com/{{$x := .Code}}", "https://example.com/{{len .Code}}", "https://example.com/{{html .Code}}",
		"javascript:alert({{.Code}})", "ftp://example.com/{{.Code}}", "//example.com/{{.Code}}", "{{.Code}}", "https:///{{.Code}}", "/relative/{{.Code}}", "mailto:x@y",
		"https://exa mple.com/", "https://example.com/\x00", "https://example.com/" + strings.Repeat("x", maxTemplate),
	} {
		if err := checkVerification(Send{URLTemplate: in}); !errors.Is(err, ErrInvalidTemplate) {
			t.Errorf("%.60q: %v", in, err)
		}
	}
}

// Only a passkey's code has an id.
func TestURLTemplatesOfPasskeyLinks(t *testing.T) {
	t.Parallel()
	link := Send{URLTemplate: "https://example.com/?u={{.UserID}}&o={{.OrgID}}&i={{.CodeID}}&c={{.Code}}"}
	if err := checkPasskeyLink(link); err != nil {
		t.Errorf("passkey: %v", err)
	}
	if err := checkCode(link); !errors.Is(err, ErrInvalidTemplate) {
		t.Errorf("another code: %v", err)
	}
	if err := checkPasskeyLink(Send{URLTemplate: "https://example.com/{{.Secret}}"}); !errors.Is(err, ErrInvalidTemplate) {
		t.Errorf("unknown field: %v", err)
	}
	for _, v := range []Verification{Verified{}, Unverified{}} {
		if err := checkPasskeyLink(v); !errors.Is(err, ErrVerification) {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestUsernames(t *testing.T) {
	t.Parallel()
	if got, err := parseUsername("  Minnie Mouse "); got != "Minnie Mouse" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, in := range []string{"", "  ", "a\x00b", "a\nb", "\xff", strings.Repeat("ä", 201)} {
		if _, err := parseUsername(in); !errors.Is(err, ErrInvalidUsername) {
			t.Errorf("%.20q: %v", in, err)
		}
	}
	for _, same := range [][2]string{{"Minnie", "mINNIE "}, {"Ärger", "a\u0308rger"}, {"STRASSE", "strasse"}} {
		if canonical(same[0]) != canonical(same[1]) {
			t.Errorf("%q and %q are two names", same[0], same[1])
		}
	}
	if canonical("a") == canonical("b") {
		t.Error("two names are one")
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	female, unknown := eventv1.Gender_GENDER_FEMALE, eventv1.Gender(9)
	before := &eventv1.Profile{GivenName: "A", FamilyName: "B", NickName: "N", DisplayName: "D", PreferredLanguage: "de", Gender: female}
	for name, c := range map[string]struct {
		in     Profile
		before *eventv1.Profile
		want   *eventv1.Profile
	}{
		"defaults":        {Profile{GivenName: " Minnie ", FamilyName: "Mouse"}, nil, &eventv1.Profile{GivenName: "Minnie", FamilyName: "Mouse", DisplayName: "Minnie Mouse", PreferredLanguage: "und"}},
		"blank display":   {Profile{GivenName: "M", FamilyName: "M", DisplayName: text("  ")}, nil, &eventv1.Profile{GivenName: "M", FamilyName: "M", DisplayName: "M M", PreferredLanguage: "und"}},
		"bad language":    {Profile{GivenName: "M", FamilyName: "M", PreferredLanguage: text("not a tag")}, nil, &eventv1.Profile{GivenName: "M", FamilyName: "M", DisplayName: "M M", PreferredLanguage: "und"}},
		"good language":   {Profile{GivenName: "M", FamilyName: "M", PreferredLanguage: text("de-CH")}, nil, &eventv1.Profile{GivenName: "M", FamilyName: "M", DisplayName: "M M", PreferredLanguage: "de-CH"}},
		"the rest stays":  {Profile{GivenName: "M", FamilyName: "M"}, before, &eventv1.Profile{GivenName: "M", FamilyName: "M", NickName: "N", DisplayName: "D", PreferredLanguage: "de", Gender: female}},
		"or is replaced":  {Profile{GivenName: "M", FamilyName: "M", NickName: text(""), DisplayName: text(""), PreferredLanguage: text("")}, before, &eventv1.Profile{GivenName: "M", FamilyName: "M", DisplayName: "M M", PreferredLanguage: "und", Gender: female}},
		"gender replaced": {Profile{GivenName: "M", FamilyName: "M", Gender: new(eventv1.Gender)}, before, &eventv1.Profile{GivenName: "M", FamilyName: "M", NickName: "N", DisplayName: "D", PreferredLanguage: "de"}},
	} {
		if err := c.in.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := c.in.on(c.before); got.String() != c.want.String() {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		in   Profile
		want error
	}{
		"no given name":     {Profile{GivenName: " ", FamilyName: "M"}, ErrFirstNameEmpty},
		"no family name":    {Profile{GivenName: "M"}, ErrLastNameEmpty},
		"control character": {Profile{GivenName: "M\r", FamilyName: "M\x00M"}, ErrInvalidProfile},
		"too long":          {Profile{GivenName: "M", FamilyName: "M", NickName: text(strings.Repeat("x", 201))}, ErrInvalidProfile},
		"gender":            {Profile{GivenName: "M", FamilyName: "M", Gender: &unknown}, ErrInvalidGender},
	} {
		if err := c.in.check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	entry := func(key, value string) MetadataEntry { return MetadataEntry{key, []byte(value)} }
	for name, c := range map[string]struct {
		in   []MetadataEntry
		want error
	}{
		"none":        {nil, nil},
		"good":        {[]MetadataEntry{entry("a", "x"), entry("b", "x")}, nil},
		"blank key":   {[]MetadataEntry{entry(" ", "x")}, ErrMetadataKeyEmpty},
		"empty value": {[]MetadataEntry{entry("a", "")}, ErrMetadataValue},
		"twice":       {[]MetadataEntry{entry("a", "x"), entry("a", "y")}, ErrMetadataKey},
		"bad key":     {[]MetadataEntry{entry("a\x00", "x")}, ErrMetadataKey},
		"large value": {[]MetadataEntry{entry("a", strings.Repeat("x", maxMetadataValue+1))}, ErrMetadataTooLarge},
		"too many":    {make([]MetadataEntry, maxMetadata+1), ErrMetadataTooLarge},
	} {
		if err := checkMetadata(c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
