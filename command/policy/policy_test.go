package policy_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
)

// Callers of the tests; all but the foreigners belong to the default organization.
func admin() *permission.Caller { return commandtest.Admin() }
func user() *permission.Caller  { return commandtest.Caller("user") }
func owner() *permission.Caller {
	return commandtest.Caller("owner", permission.Membership{Organization: "default", Roles: []string{permission.OrganizationOwner}})
}
func viewer() *permission.Caller {
	return commandtest.Caller("viewer", permission.Membership{Roles: []string{permission.InstanceOwnerViewer}})
}
func foreigner() *permission.Caller {
	return commandtest.Caller("foreigner", permission.Membership{Organization: "elsewhere", Roles: []string{permission.OrganizationOwner}})
}

// scene is a node with two organizations: the default one and "other".
func scene(t testing.TB) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	if _, err := n.Organizations.Add(t.Context(), admin(), "other", "Other"); err != nil {
		t.Fatal(err)
	}
	return n
}

func set(t testing.TB, n *commandtest.Node, organization string, p proto.Message) {
	t.Helper()
	if _, err := n.Policies.Set(t.Context(), admin(), policy.Set{Organization: organization, Policy: p}); err != nil {
		t.Fatal(err)
	}
}

func age(days uint32) *policy.PasswordAge { return &policy.PasswordAge{MaxAgeDays: days} }

// days is what holds of the age of passwords, and whose it is.
func days(t testing.TB, n *commandtest.Node, organization string) (uint32, string) {
	t.Helper()
	held, err := n.Policies.PasswordAge(t.Context(), n.Tenant, organization)
	if err != nil {
		t.Fatal(err)
	}
	return held.Policy.GetMaxAgeDays(), held.Organization
}

func TestWhatHolds(t *testing.T) {
	t.Parallel()
	n := scene(t)
	other := n.Another(t)
	holds := func(step string, instance, def, otherOrg uint32) {
		t.Helper()
		for _, node := range []*commandtest.Node{n, other} {
			node.RecentPolicies.Lost() // no follower tells it of the other
			for organization, want := range map[string]uint32{"": instance, "default": def, "other": otherOrg, "nowhere": instance, "\x00": instance} {
				if got, _ := days(t, node, organization); got != want {
					t.Errorf("%s: %d days in %q, want %d", step, got, organization, want)
				}
			}
		}
	}
	holds("built in", 0, 0, 0)
	set(t, n, "", age(10))
	holds("of the instance", 10, 10, 10)
	set(t, n, "default", age(20))
	holds("of an organization", 10, 20, 10)
	set(t, other, "", age(30))
	holds("of the instance again", 30, 20, 30)
	if _, err := other.Policies.Reset(t.Context(), owner(), "default", eventv1.PolicyKind_POLICY_KIND_LOGIN); err != nil {
		t.Fatal(err)
	}
	holds("after the reset of another kind", 30, 20, 30)
	if _, err := other.Policies.Reset(t.Context(), owner(), "default", eventv1.PolicyKind_POLICY_KIND_PASSWORD_AGE); err != nil {
		t.Fatal(err)
	}
	holds("after a reset", 30, 30, 30)
	if _, whose := days(t, n, "default"); whose != "" {
		t.Errorf("it is of %q", whose)
	}
}

func TestTenantsHaveTheirOwn(t *testing.T) {
	t.Parallel()
	n := scene(t)
	set(t, n, "", age(10))
	set(t, n, "default", age(20))
	if got, _ := days(t, n.In(t, "elsewhere"), "default"); got != 0 {
		t.Errorf("%d days in another tenant", got)
	}
}

func TestWhatAnAnswerSaysAboutItself(t *testing.T) {
	t.Parallel()
	n := scene(t)
	built, err := n.Policies.Lockout(t.Context(), n.Tenant, "default")
	if err != nil || built.Version != 0 || built.Position != 0 || !built.CreatedAt.IsZero() || !built.ChangedAt.IsZero() {
		t.Errorf("built in: %+v, %v", built, err)
	}
	began := n.Clock.Now()
	set(t, n, "default", &policy.Lockout{PasswordAttempts: 5})
	n.Clock.Advance(time.Hour)
	set(t, n, "default", age(10))
	set(t, n, "default", &policy.Lockout{PasswordAttempts: 6})
	set(t, n, "default", &policy.Lockout{PasswordAttempts: 6}) // no change
	n.Clock.Advance(time.Hour)
	held, err := n.Policies.Lockout(t.Context(), n.Tenant, "default")
	if err != nil || held.Version != 3 || held.Organization != "default" || !held.CreatedAt.Equal(began) || !held.ChangedAt.Equal(began.Add(time.Hour)) {
		t.Errorf("%+v, %v", held, err)
	}
}

func TestWhoMaySet(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for _, c := range []struct {
		who          string
		by           *permission.Caller
		organization string
		want         error
	}{
		{"an administrator", admin(), "", nil},
		{"an administrator", admin(), "default", nil},
		{"an administrator", admin(), "other", nil},
		{"an administrator", admin(), "unknown", policy.ErrOrganizationNotFound},
		{"an administrator", admin(), "\x00", policy.ErrOrganizationID},
		{"an administrator", admin(), strings.Repeat("x", 197), policy.ErrOrganizationID},
		{"an owner", owner(), "default", nil},
		{"an owner", owner(), "other", permission.ErrDenied},
		{"an owner", owner(), "unknown", permission.ErrDenied},
		{"an owner", owner(), "", permission.ErrDenied},
		{"a viewer", viewer(), "default", permission.ErrDenied},
		{"a user", user(), "default", permission.ErrDenied},
		{"a user", user(), "", permission.ErrDenied},
		{"a foreigner", foreigner(), "default", permission.ErrDenied},
		{"a foreigner", foreigner(), "unknown", permission.ErrDenied},
		{"nobody", nil, "default", permission.ErrUnauthenticated},
	} {
		if _, err := n.Policies.Set(t.Context(), c.by, policy.Set{Organization: c.organization, Policy: age(1)}); !errors.Is(err, c.want) {
			t.Errorf("%s sets in %q: %v, want %v", c.who, c.organization, err, c.want)
		}
		_, _, err := n.Policies.SetTranslation(t.Context(), c.by, policy.SetTranslation{Organization: c.organization, Locale: "en"})
		if !errors.Is(err, c.want) {
			t.Errorf("%s translates in %q: %v, want %v", c.who, c.organization, err, c.want)
		}
		if c.organization == "" {
			continue
		}
		if _, err := n.Policies.Reset(t.Context(), c.by, c.organization, eventv1.PolicyKind_POLICY_KIND_LOGIN); !errors.Is(err, c.want) {
			t.Errorf("%s resets in %q: %v, want %v", c.who, c.organization, err, c.want)
		}
	}
}

func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for _, c := range []struct {
		who          string
		by           *permission.Caller
		organization string
		want         error
		security     error
	}{
		{"a user", user(), "default", nil, permission.ErrDenied},
		{"a user", user(), "", nil, permission.ErrDenied},
		{"a user", user(), "other", permission.ErrDenied, permission.ErrDenied},
		{"a user", user(), "unknown", permission.ErrDenied, permission.ErrDenied},
		{"an owner", owner(), "default", nil, nil}, // what is not about the organization
		{"an owner", owner(), "", nil, permission.ErrDenied},
		{"a foreigner", foreigner(), "elsewhere", policy.ErrOrganizationNotFound, policy.ErrOrganizationNotFound},
		{"a viewer", viewer(), "", nil, nil},
		{"a viewer", viewer(), "other", nil, nil},
		{"a viewer", viewer(), "unknown", policy.ErrOrganizationNotFound, policy.ErrOrganizationNotFound},
		{"nobody", nil, "", permission.ErrUnauthenticated, permission.ErrUnauthenticated},
	} {
		if _, err := policy.Read[*policy.Login](t.Context(), n.Policies, c.by, c.organization); !errors.Is(err, c.want) {
			t.Errorf("%s reads in %q: %v, want %v", c.who, c.organization, err, c.want)
		}
		_, err := n.Policies.ReadTranslation(t.Context(), c.by, policy.ReadTranslation{Organization: c.organization, Locale: "en"})
		if !errors.Is(err, c.want) {
			t.Errorf("%s reads translations in %q: %v, want %v", c.who, c.organization, err, c.want)
		}
		if c.organization == "default" {
			continue
		}
		if _, err := policy.Read[*policy.Security](t.Context(), n.Policies, c.by, c.organization); !errors.Is(err, c.security) {
			t.Errorf("%s reads security in %q: %v, want %v", c.who, c.organization, err, c.security)
		}
	}
}

func TestPoliciesThatCannotBe(t *testing.T) {
	t.Parallel()
	n := scene(t)
	long := "https://example.com/" + strings.Repeat("x", 2048)
	light := func(color string) *policy.Branding {
		return &policy.Branding{Light: &eventv1.BrandingTheme{PrimaryColor: color}}
	}
	totp := []eventv1.LoginFactor{eventv1.LoginFactor_LOGIN_FACTOR_TOTP}
	for name, c := range map[string]struct {
		p    proto.Message
		want error
	}{
		"no policy":                        {&eventv1.PolicyReset{}, policy.ErrKind},
		"nothing":                          {nil, policy.ErrKind},
		"no length":                        {&policy.PasswordComplexity{}, policy.ErrMinLength},
		"the least length":                 {&policy.PasswordComplexity{MinLength: 1}, nil},
		"the greatest length":              {&policy.PasswordComplexity{MinLength: 128}, nil},
		"a greater length":                 {&policy.PasswordComplexity{MinLength: 129}, policy.ErrMinLength},
		"ten years":                        {age(3650), nil},
		"more than ten years":              {age(3651), policy.ErrDays},
		"a warning before the beginning":   {&policy.PasswordAge{MaxAgeDays: 5, WarnDays: 6}, policy.ErrDays},
		"a thousand attempts":              {&policy.Lockout{PasswordAttempts: 1000, OtpAttempts: 1000}, nil},
		"more passwords":                   {&policy.Lockout{PasswordAttempts: 1001}, policy.ErrAttempts},
		"more codes":                       {&policy.Lockout{OtpAttempts: 1001}, policy.ErrAttempts},
		"an unknown factor":                {&policy.Login{SecondFactors: []eventv1.LoginFactor{99}}, policy.ErrFactors},
		"no factor by name":                {&policy.Login{SecondFactors: []eventv1.LoginFactor{0}}, policy.ErrFactors},
		"a factor twice":                   {&policy.Login{SecondFactors: append(totp, totp...)}, policy.ErrFactors},
		"forced factors without any":       {&policy.Login{ForceMfa: true}, policy.ErrNoFactor},
		"forced factors with one":          {&policy.Login{ForceMfa: true, Password: true, SecondFactors: totp}, nil},
		"nothing to sign in with":          {&policy.Login{SecondFactors: totp}, policy.ErrNobody},
		"providers to sign in with":        {&policy.Login{ExternalProvider: true}, nil},
		"forced factors with passkeys":     {&policy.Login{ForceMfaLocalOnly: true, Passkey: true, PasskeyAsMultiFactor: true}, nil},
		"a lifetime in the past":           {&policy.Login{PasswordCheckLifetime: durationpb.New(-1)}, policy.ErrLifetime},
		"a lifetime for ever":              {&policy.Login{MfaInitSkipLifetime: durationpb.New(20 * 365 * 24 * time.Hour)}, policy.ErrLifetime},
		"a lifetime that is none":          {&policy.Login{MultiFactorCheckLifetime: &durationpb.Duration{Seconds: 1, Nanos: -1}}, policy.ErrLifetime},
		"a redirection to a script":        {&policy.Login{Password: true, DefaultRedirectUri: "javascript:alert(1)"}, policy.ErrURL},
		"a link without a host":            {&policy.Privacy{TosLink: "https:///tos"}, policy.ErrURL},
		"a link with a password":           {&policy.Privacy{HelpLink: "https://a:b@example.com"}, policy.ErrURL},
		"a long link":                      {&policy.Privacy{DocsLink: long}, policy.ErrURL},
		"links":                            {&policy.Privacy{TosLink: "https://example.com/tos", SupportEmail: "help@example.com", CustomLinkText: "More"}, nil},
		"two addresses":                    {&policy.Privacy{SupportEmail: "a@b.c, d@e.f"}, policy.ErrEmail},
		"an address with a name":           {&policy.Privacy{SupportEmail: "Help <help@example.com>"}, policy.ErrEmail},
		"a text of two lines":              {&policy.Privacy{CustomLinkText: "a\nb"}, policy.ErrText},
		"a short colour":                   {light("#0aF"), nil},
		"a colour":                         {light("#00aaFF"), nil},
		"a colour by name":                 {light("red"), policy.ErrColor},
		"a colour with a style behind it":  {light("#fff;x"), policy.ErrColor},
		"a colour and a line":              {light("#fff\n"), policy.ErrColor},
		"an unknown theme mode":            {&policy.Branding{ThemeMode: 9}, policy.ErrThemeMode},
		"a picture in the text":            {&policy.Branding{Dark: &eventv1.BrandingTheme{LogoUrl: "data:image/png,x"}}, policy.ErrURL},
		"a language":                       {&policy.Language{DefaultLanguage: "de", AllowedLanguages: []string{"de"}}, nil},
		"an unknown language":              {&policy.Language{DefaultLanguage: "xx"}, policy.ErrLanguage},
		"a default that is not allowed":    {&policy.Language{DefaultLanguage: "de", AllowedLanguages: []string{"en"}}, policy.ErrLanguage},
		"a language twice":                 {&policy.Language{DefaultLanguage: "en", AllowedLanguages: []string{"en", "en"}}, policy.ErrLanguage},
		"origins":                          {&policy.Security{AllowedOrigins: []string{"https://a.example:8443", "http://localhost"}}, nil},
		"an origin with a path":            {&policy.Security{AllowedOrigins: []string{"https://a.example/"}}, policy.ErrOrigins},
		"every origin":                     {&policy.Security{AllowedOrigins: []string{"*"}}, policy.ErrOrigins},
		"more origins than anybody allows": {&policy.Security{AllowedOrigins: make([]string, 101)}, policy.ErrOrigins},
	} {
		if _, err := n.Policies.Set(t.Context(), admin(), policy.Set{Policy: c.p}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, p := range []proto.Message{&policy.Language{DefaultLanguage: "en"}, &policy.Security{}} {
		if _, err := n.Policies.Set(t.Context(), admin(), policy.Set{Organization: "default", Policy: p}); !errors.Is(err, policy.ErrInstanceOnly) {
			t.Errorf("%T of an organization: %v", p, err)
		}
	}
	if _, err := n.Policies.Reset(t.Context(), admin(), "default", eventv1.PolicyKind_POLICY_KIND_UNSPECIFIED); !errors.Is(err, policy.ErrKind) {
		t.Errorf("reset of nothing: %v", err)
	}
}

func TestLanguagesOfMessages(t *testing.T) {
	t.Parallel()
	n := scene(t)
	speaks := func(preferred, want string) {
		t.Helper()
		if got, err := n.Policies.MessageLanguage(t.Context(), n.Tenant, preferred); err != nil || got != want {
			t.Errorf("%q gets %q, %v; want %q", preferred, got, err, want)
		}
	}
	speaks("", "en")
	speaks("de-CH", "de")
	speaks("ja", "en")
	set(t, n, "", &policy.Language{DefaultLanguage: "de"})
	speaks("", "de")
	speaks("en-GB", "en")
	speaks("und", "de")
	speaks("no language", "de")
	set(t, n, "", &policy.Language{DefaultLanguage: "de", AllowedLanguages: []string{"de"}})
	speaks("en", "de")
}

func TestTranslations(t *testing.T) {
	t.Parallel()
	n := scene(t)
	other := n.Another(t)
	put := func(organization, locale, texts string) string {
		t.Helper()
		etag, _, err := n.Policies.SetTranslation(t.Context(), admin(), policy.SetTranslation{
			Organization: organization, Locale: locale, Translations: []byte(texts),
		})
		if err != nil {
			t.Fatal(err)
		}
		return etag
	}
	reads := func(r policy.ReadTranslation, want string) policy.Translation {
		t.Helper()
		other.RecentPolicies.Lost() // no follower tells it of the first
		got, err := other.Policies.ReadTranslation(t.Context(), user(), r)
		if err != nil || string(got.Texts) != want || len(got.ETag) != 32 {
			t.Errorf("%+v: %s, %s, %v; want %s", r, got.Texts, got.ETag, err, want)
		}
		return got
	}
	reads(policy.ReadTranslation{Organization: "default", Locale: "en"}, `{}`)
	etag := put("", "en", ` {"title":"Welcome","login":{"button":"Sign in","user":"Name"}}`)
	put("default", "EN", `{"login":{"button":"Go"}}`)
	if got := reads(policy.ReadTranslation{Locale: "en"}, `{"login":{"button":"Sign in","user":"Name"},"title":"Welcome"}`); got.ETag != etag {
		t.Errorf("etags %s and %s", etag, got.ETag)
	}
	reads(policy.ReadTranslation{Organization: "default", Locale: "en"}, `{"login":{"button":"Go","user":"Name"},"title":"Welcome"}`)
	reads(policy.ReadTranslation{Organization: "default", Locale: "en", OwnOnly: true}, `{"login":{"button":"Go"}}`)
	reads(policy.ReadTranslation{Organization: "default", Locale: "de"}, `{}`)
	reads(policy.ReadTranslation{Organization: "default", Locale: "en", BuiltIn: true}, `{}`)
	put("", "en", `{}`)
	reads(policy.ReadTranslation{Organization: "default", Locale: "en"}, `{"login":{"button":"Go"}}`)

	for name, c := range map[string]struct {
		locale, texts string
		want          error
	}{
		"a list":          {"en", `[]`, policy.ErrTranslation},
		"null":            {"en", `null`, policy.ErrTranslation},
		"half an object":  {"en", `{"a":`, policy.ErrTranslation},
		"two objects":     {"en", `{} {}`, policy.ErrTranslation},
		"too much":        {"en", `{"a":"` + strings.Repeat("x", 256<<10) + `"}`, policy.ErrTranslation},
		"no locale":       {"", `{}`, policy.ErrLocale},
		"no language":     {"!", `{}`, policy.ErrLocale},
		"a long language": {"en-" + strings.Repeat("abcdefgh-", 5), `{}`, policy.ErrLocale},
	} {
		_, _, err := n.Policies.SetTranslation(t.Context(), admin(), policy.SetTranslation{Locale: c.locale, Translations: []byte(c.texts)})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// While a node follows the log it remembers, and what is set counts at once where it was set, and soon on other nodes.
func TestFollow(t *testing.T) {
	t.Parallel()
	n := scene(t)
	other := n.Another(t)
	for _, node := range []*commandtest.Node{n, other} {
		node.Follow(t, node.RecentPolicies, policy.Kind)
	}
	for round := uint32(1); round <= 20; round++ {
		organization := []string{"", "default"}[round%2]
		days(t, n, "default")
		days(t, other, "default")
		set(t, n, organization, age(round))
		if got, _ := days(t, n, organization); got != round {
			t.Fatalf("round %d: %d days where it was set", round, got)
		}
		other.Soon(t, func() bool {
			got, _ := days(t, other, organization)
			return got == round
		})
	}
}

// Of many who set a policy at once every one is recorded, and all nodes agree on the last.
func TestManySetAtOnce(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	const many = 30
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			p := policy.Set{Organization: "default", Policy: age(uint32(i) + 1)}
			if _, err := nodes[i%2].Policies.Set(t.Context(), owner(), p); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	first, err := nodes[0].Policies.PasswordAge(t.Context(), n.Tenant, "default")
	if err != nil {
		t.Fatal(err)
	}
	second, err := nodes[1].Policies.PasswordAge(t.Context(), n.Tenant, "default")
	if err != nil || first.Version != many || second.Version != many || !proto.Equal(first.Policy, second.Policy) {
		t.Errorf("%+v and %+v, %v", first, second, err)
	}
}
