package settingsservice

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/provider"
)

// What is kept and shown again is the same, field by field.
func TestLoginSettings(t *testing.T) {
	t.Parallel()
	full := &settingsv2.LoginSettings{
		AllowUsernamePassword: true, AllowRegister: true, AllowExternalIdp: true, ForceMfa: true, ForceMfaLocalOnly: true,
		PasskeysType: settingsv2.PasskeysType_PASSKEYS_TYPE_ALLOWED, HidePasswordReset: true, IgnoreUnknownUsernames: true,
		DefaultRedirectUri: "https://example.com", PasswordCheckLifetime: durationpb.New(1), ExternalLoginCheckLifetime: durationpb.New(2),
		MfaInitSkipLifetime: durationpb.New(3), SecondFactorCheckLifetime: durationpb.New(4), MultiFactorCheckLifetime: durationpb.New(5),
		SecondFactors: []settingsv2.SecondFactorType{5, 4, 3, 2, 1}, MultiFactors: []settingsv2.MultiFactorType{1},
		AllowDomainDiscovery: true, DisableLoginWithEmail: true, DisableLoginWithPhone: true, AllowLocalAuthentication: true,
		ResourceOwnerType: settingsv2.ResourceOwnerType_RESOURCE_OWNER_TYPE_ORG,
	}
	complete(t, full)
	for name, m := range map[string]*settingsv2.LoginSettings{
		"everything": full, "nothing": {ResourceOwnerType: settingsv2.ResourceOwnerType_RESOURCE_OWNER_TYPE_ORG},
	} {
		kept := keptLogin(m)
		if name == "everything" {
			complete(t, kept)
		}
		shown := shownLogin(held[*policy.Login]{policy: kept, owner: settingsv2.ResourceOwnerType_RESOURCE_OWNER_TYPE_ORG})
		if !proto.Equal(shown, m) {
			t.Errorf("%s: %v\nshown as %v", name, m, shown)
		}
	}
	if got := keptFactor(99); got != eventv1.LoginFactor_LOGIN_FACTOR_UNSPECIFIED {
		t.Errorf("an unknown factor is kept as %v", got)
	}
}

func TestBrandingSettings(t *testing.T) {
	t.Parallel()
	theme := func(color string) *settingsv2.Theme {
		return &settingsv2.Theme{
			PrimaryColor: color, BackgroundColor: color + "1", WarnColor: color + "2", FontColor: color + "3", LogoUrl: color + "4", IconUrl: color + "5",
		}
	}
	for mode := range settingsv2.ThemeMode_name {
		m := &settingsv2.BrandingSettings{
			LightTheme: theme("a"), DarkTheme: theme("b"), FontUrl: "c", HideLoginNameSuffix: true, DisableWatermark: true,
			ThemeMode: settingsv2.ThemeMode(mode), ResourceOwnerType: settingsv2.ResourceOwnerType_RESOURCE_OWNER_TYPE_INSTANCE,
		}
		kept := keptBranding(m)
		if mode > 0 {
			complete(t, m)
			complete(t, kept)
		}
		shown := shownBranding(held[*policy.Branding]{policy: kept, owner: m.GetResourceOwnerType()})
		if !proto.Equal(shown, m) || kept.GetThemeMode().String() != "BRANDING_"+m.GetThemeMode().String() {
			t.Errorf("%v\nshown as %v", m, shown)
		}
	}
}

// complete fails when a field of a message is not set: then the test around it does not look at it.
func complete(t *testing.T, m proto.Message) {
	t.Helper()
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); !m.ProtoReflect().Has(f) {
			t.Errorf("%s is not set", f.FullName())
		}
	}
}

func TestKindsOfSettings(t *testing.T) {
	t.Parallel()
	seen := map[eventv1.PolicyKind]bool{}
	for k := range settingsv2.SettingsKind_name {
		seen[kind(settingsv2.SettingsKind(k))] = true
	}
	if len(seen) != len(eventv1.PolicyKind_name) {
		t.Errorf("%d kinds of %d", len(seen), len(eventv1.PolicyKind_name))
	}
}

func TestWhoseSettings(t *testing.T) {
	t.Parallel()
	caller := permission.NewCaller(permission.Identity{Tenant: "t", UserID: "u", Organization: "home"})
	for name, c := range map[string]struct {
		by   *permission.Caller
		of   *objectv2.RequestContext
		want string
	}{
		"the caller's":      {caller, nil, "home"},
		"nobody's":          {nil, nil, ""},
		"of the instance":   {caller, &objectv2.RequestContext{ResourceOwner: &objectv2.RequestContext_Instance{Instance: true}}, ""},
		"an organization's": {caller, &objectv2.RequestContext{ResourceOwner: &objectv2.RequestContext_OrgId{OrgId: "other"}}, "other"},
	} {
		if got := organization(c.by, c.of); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Who asks for the providers of an organization sees those of no other, and nothing but providers.
func TestView(t *testing.T) {
	t.Parallel()
	v := view{permission.System("t"), "home"}
	for organization, want := range map[string]bool{"": true, "home": true, "other": false} {
		if v.May(query.IDPRead, organization) != want || v.May(query.UserRead, organization) {
			t.Errorf("of %q", organization)
		}
	}
	if some, all := v.Organizations(query.IDPRead); all || len(some) != 2 {
		t.Errorf("%q, %t", some, all)
	}
	if some, all := v.Organizations(query.UserRead); all || len(some) != 0 {
		t.Errorf("users of %q, %t", some, all)
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	oidc := &eventv1.OIDCProvider{}
	types := map[settingsv2.IdentityProviderType]*eventv1.IdentityProvider{
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GOOGLE:             {Preset: "google", Oidc: oidc},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITLAB:             {Preset: "gitlab", Oidc: oidc},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITLAB_SELF_HOSTED: {Preset: "gitlab", PresetPlace: "https://git.example", Oidc: oidc},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITHUB:             {Preset: "github"},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITHUB_ES:          {Preset: "github", PresetPlace: "https://git.example"},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_AZURE_AD:           {Preset: "microsoft", PresetPlace: "t", Oidc: oidc},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_APPLE:              {Preset: "apple", Oidc: oidc},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_OIDC:               {Oidc: oidc},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_OAUTH:              {Oauth2: &eventv1.OAuth2Provider{}},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_LDAP:               {Ldap: &eventv1.LDAPProvider{}},
		settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_SAML:               {Saml: &eventv1.SAMLProvider{}},
	}
	for want, p := range types {
		if got := providerType(p); got != want {
			t.Errorf("%v: %v", want, got)
		}
	}
	p := &provider.Provider{ID: "p", Settings: &eventv1.IdentityProvider{Name: "P", LinkingAllowed: true, AutoUpdate: true}}
	shown := identityProvider(p)
	if o := shown.GetOptions(); shown.GetId() != "p" || shown.GetName() != "P" || !o.GetIsLinkingAllowed() || o.GetIsCreationAllowed() || !o.GetIsAutoUpdate() {
		t.Errorf("%v", shown)
	}
	yes, no := true, false
	for name, c := range map[string]struct {
		r    *settingsv2.GetActiveIdentityProvidersRequest
		want bool
	}{
		"all":             {&settingsv2.GetActiveIdentityProvidersRequest{}, true},
		"with linking":    {&settingsv2.GetActiveIdentityProvidersRequest{LinkingAllowed: &yes}, true},
		"without linking": {&settingsv2.GetActiveIdentityProvidersRequest{LinkingAllowed: &no}, false},
		"with creation":   {&settingsv2.GetActiveIdentityProvidersRequest{CreationAllowed: &yes}, false},
		"not by itself":   {&settingsv2.GetActiveIdentityProvidersRequest{AutoCreation: &no, AutoLinking: &no}, true},
		"by itself":       {&settingsv2.GetActiveIdentityProvidersRequest{AutoLinking: &yes}, false},
	} {
		if got := wanted(c.r, p); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
