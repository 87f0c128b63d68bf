package provider_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/federation/federationtest"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/failure"
)

const clientSecret = "the-client-secret"

func openID() *eventv1.IdentityProvider {
	return &eventv1.IdentityProvider{
		Name: "Foreign", Oidc: &eventv1.OIDCProvider{Issuer: "https://id.example.com", ClientId: "signet"}, LinkingAllowed: true,
	}
}

func directory() *eventv1.IdentityProvider {
	return &eventv1.IdentityProvider{Name: "Directory", Ldap: &eventv1.LDAPProvider{
		Servers: []string{"ldaps://ldap.example.com"}, BaseDn: "dc=example,dc=com", BindDn: "cn=admin,dc=example,dc=com",
	}}
}

func federation() *eventv1.IdentityProvider {
	return &eventv1.IdentityProvider{Name: "SAML", Saml: &eventv1.SAMLProvider{MetadataUrl: "https://id.example.com/metadata"}}
}

func preset(name, place string, kind *eventv1.IdentityProvider) *eventv1.IdentityProvider {
	kind.Name, kind.Preset, kind.PresetPlace = name, name, place
	return kind
}

func secret() *eventv1.ProviderCredentials {
	return &eventv1.ProviderCredentials{ClientSecret: clientSecret}
}

// callers of the default organization.
func owner() *permission.Caller {
	return commandtest.Caller("owner", permission.Membership{Organization: "default", Roles: []string{permission.OrganizationOwner}})
}
func foreign() *permission.Caller {
	return commandtest.Caller("foreign", permission.Membership{Organization: "elsewhere", Roles: []string{permission.OrganizationOwner}})
}
func reader() *permission.Caller {
	return commandtest.Caller("reader", permission.Membership{Roles: []string{permission.InstanceOwnerViewer}})
}

func add(t *testing.T, n *commandtest.Node, as *permission.Caller, req provider.Add) string {
	t.Helper()
	added, err := n.Providers.Add(t.Context(), as, req)
	if err != nil {
		t.Fatal(err)
	}
	return added.ID
}

func stream(n *commandtest.Node, id string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: n.Tenant, Kind: provider.Kind, ID: id}
}

func recorded(t *testing.T, n *commandtest.Node, id string) []proto.Message {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), stream(n, id), 0)
	if err != nil {
		t.Fatal(err)
	}
	messages, _, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]proto.Message, len(messages))
	for i, m := range messages {
		out[i] = m.Proto
	}
	return out
}

// orders are the commands, each on a provider of some organization.
func orders(id, organization string) map[string]func(context.Context, *provider.Service, *permission.Caller) error {
	return map[string]func(context.Context, *provider.Service, *permission.Caller) error{
		"Add": func(ctx context.Context, s *provider.Service, as *permission.Caller) error {
			_, err := s.Add(ctx, as, provider.Add{Organization: organization, Settings: openID(), Credentials: secret()})
			return err
		},
		"Update": func(ctx context.Context, s *provider.Service, as *permission.Caller) error {
			_, err := s.Update(ctx, as, provider.Update{ID: id, Settings: openID()})
			return err
		},
		"Remove": func(ctx context.Context, s *provider.Service, as *permission.Caller) error {
			_, err := s.Remove(ctx, as, id)
			return err
		},
		"Test": func(ctx context.Context, s *provider.Service, as *permission.Caller) error {
			return s.Test(ctx, as, id)
		},
	}
}

// What signs people in asks for no permission: it has no caller.
var lookups = []string{"Find", "Linkable", "Redirecting", "Directory", "CallbackURL", "Metadata"}

func TestEveryCommandHasARule(t *testing.T) {
	t.Parallel()
	methods := reflect.TypeFor[*provider.Service]()
	for i := range methods.NumMethod() {
		if name := methods.Method(i).Name; orders("", "")[name] == nil && !slices.Contains(lookups, name) {
			t.Errorf("nobody says who may %s", name)
		}
	}
}

// Whether there is a provider or not: who may not learns nothing, and nothing is recorded.
func TestCallersWithoutPermissionLearnNothing(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	own := add(t, n, commandtest.Admin(), provider.Add{Organization: "default", Settings: openID(), Credentials: secret()})
	whole := add(t, n, commandtest.Admin(), provider.Add{Settings: openID(), Credentials: secret()})
	removed := add(t, n, owner(), provider.Add{Organization: "default", Settings: openID(), Credentials: secret()})
	if _, err := n.Providers.Remove(t.Context(), owner(), removed); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id, organization string
		callers          []*permission.Caller
	}{
		{own, "default", []*permission.Caller{commandtest.Caller("stranger"), foreign(), reader()}},
		{removed, "default", []*permission.Caller{commandtest.Caller("stranger"), foreign(), reader()}},
		{whole, "", []*permission.Caller{commandtest.Caller("stranger"), foreign(), reader(), owner()}},
		{"nothing", "nowhere", []*permission.Caller{commandtest.Caller("stranger"), foreign(), reader(), owner()}},
	} {
		before := len(recorded(t, n, c.id))
		for name, order := range orders(c.id, c.organization) {
			for _, as := range c.callers {
				if err := order(t.Context(), n.Providers, as); !errors.Is(err, permission.ErrDenied) {
					t.Errorf("%s of a provider of %q by %s: %v", name, c.organization, as.UserID, err)
				}
			}
			for _, as := range []*permission.Caller{nil, {}} {
				if err := order(t.Context(), n.Providers, as); !errors.Is(err, permission.ErrUnauthenticated) {
					t.Errorf("%s by nobody: %v", name, err)
				}
			}
		}
		if after := len(recorded(t, n, c.id)); after != before {
			t.Errorf("%d events by callers without permission", after-before)
		}
	}
}

func TestUnknownProviders(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	for _, id := range []string{"nothing", "", "\x00", "#digest"} {
		for name, order := range orders(id, "nowhere") {
			want := error(provider.ErrNotFound)
			if name == "Add" {
				want = provider.ErrOrganizationNotFound
			}
			if err := order(t.Context(), n.Providers, commandtest.Admin()); !errors.Is(err, want) {
				t.Errorf("%s of %q: %v", name, id, err)
			}
		}
	}
}

func TestAddChecksSettings(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	change := func(p *eventv1.IdentityProvider, by func(*eventv1.IdentityProvider)) *eventv1.IdentityProvider {
		by(p)
		return p
	}
	github := &eventv1.IdentityProvider{Oauth2: &eventv1.OAuth2Provider{ClientId: "signet"}}
	oidc := &eventv1.IdentityProvider{Oidc: &eventv1.OIDCProvider{ClientId: "signet"}}
	for name, c := range map[string]struct {
		settings    *eventv1.IdentityProvider
		credentials *eventv1.ProviderCredentials
		reason      string // empty: taken
	}{
		"openid":                         {openID(), secret(), ""},
		"openid, a public client":        {openID(), nil, ""},
		"directory":                      {directory(), &eventv1.ProviderCredentials{BindPassword: "p"}, ""},
		"saml":                           {federation(), nil, ""},
		"google":                         {preset("google", "", proto.CloneOf(oidc)), secret(), ""},
		"gitlab of one's own":            {preset("gitlab", "https://git.example.com", proto.CloneOf(oidc)), secret(), ""},
		"microsoft":                      {preset("microsoft", "b5a1b7c2-6c2f-4b0e-9d5b-0d7c0d0a1a1a", proto.CloneOf(oidc)), secret(), ""},
		"github":                         {preset("github", "", proto.CloneOf(github)), secret(), ""},
		"no name":                        {change(openID(), func(p *eventv1.IdentityProvider) { p.Name = " " }), secret(), "IDP_NAME_INVALID"},
		"a long name":                    {change(openID(), func(p *eventv1.IdentityProvider) { p.Name = strings.Repeat("a", 201) }), secret(), "IDP_NAME_INVALID"},
		"no kind":                        {&eventv1.IdentityProvider{Name: "n"}, nil, "IDP_KIND_INVALID"},
		"two kinds":                      {change(openID(), func(p *eventv1.IdentityProvider) { p.Ldap = directory().GetLdap() }), secret(), "IDP_KIND_INVALID"},
		"creation by itself, forbidden":  {change(openID(), func(p *eventv1.IdentityProvider) { p.AutoCreation = true }), secret(), "IDP_AUTO_CREATION_INVALID"},
		"an unknown preset":              {preset("myspace", "", proto.CloneOf(oidc)), secret(), "IDP_PRESET_INVALID"},
		"a preset of another kind":       {preset("github", "", proto.CloneOf(oidc)), secret(), "IDP_PRESET_INVALID"},
		"microsoft without a tenant":     {preset("microsoft", "", proto.CloneOf(oidc)), secret(), "IDP_CONFIG_INVALID"},
		"apple without a key":            {preset("apple", "", proto.CloneOf(oidc)), secret(), "IDP_CREDENTIALS_INVALID"},
		"no issuer":                      {proto.CloneOf(change(oidc, func(p *eventv1.IdentityProvider) { p.Name = "n" })), secret(), "IDP_CONFIG_INVALID"},
		"an issuer that is no URL":       {change(openID(), func(p *eventv1.IdentityProvider) { p.Oidc.Issuer = "id.example.com" }), secret(), "IDP_CONFIG_INVALID"},
		"an issuer of another scheme":    {change(openID(), func(p *eventv1.IdentityProvider) { p.Oidc.Issuer = "file:///etc/passwd" }), secret(), "IDP_CONFIG_INVALID"},
		"a password for a client":        {openID(), &eventv1.ProviderCredentials{BindPassword: "p"}, "IDP_CREDENTIALS_INVALID"},
		"a key for nothing":              {openID(), &eventv1.ProviderCredentials{PrivateKey: []byte("p")}, "IDP_CREDENTIALS_INVALID"},
		"a directory without a password": {directory(), nil, "IDP_CREDENTIALS_INVALID"},
		"a key for saml":                 {federation(), &eventv1.ProviderCredentials{PrivateKey: []byte("p")}, "IDP_CREDENTIALS_INVALID"},
		"saml without metadata":          {&eventv1.IdentityProvider{Name: "n", Saml: &eventv1.SAMLProvider{}}, nil, "IDP_CONFIG_INVALID"},
	} {
		_, err := n.Providers.Add(t.Context(), commandtest.Admin(), provider.Add{Settings: c.settings, Credentials: c.credentials})
		refused, _ := errors.AsType[*failure.Error](err)
		switch {
		case c.reason == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.reason != "" && (refused == nil || refused.Reason != c.reason || refused.Kind != failure.InvalidArgument):
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
	}
}

func TestPresetsFillWhatIsEmpty(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	apple := &eventv1.IdentityProvider{Oidc: &eventv1.OIDCProvider{ClientId: "signet", TeamId: "team", KeyId: "key", Scopes: []string{"openid"}}}
	id := add(t, n, commandtest.Admin(), provider.Add{
		Settings:    preset("apple", "", apple),
		Credentials: &eventv1.ProviderCredentials{PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})},
	})
	state, err := n.Providers.Find(t.Context(), n.Tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	o := state.Settings.GetOidc()
	if o.GetIssuer() != "https://appleid.apple.com" || !o.GetFormPost() || len(o.GetScopes()) != 1 || state.Settings.GetMapping().GetGivenName() == "" {
		t.Errorf("kept %v", state.Settings)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	id := add(t, n, owner(), provider.Add{Organization: "default", Settings: openID(), Credentials: secret()})
	renamed := openID()
	renamed.Name = "Renamed"
	for _, c := range []struct {
		name   string
		update provider.Update
		fails  error
		events int
		secret string
	}{
		{"nothing new", provider.Update{Settings: openID()}, nil, 1, clientSecret},
		{"another kind", provider.Update{Settings: directory()}, provider.ErrKindChanged, 1, clientSecret},
		{"a name", provider.Update{Settings: renamed}, nil, 2, clientSecret},
		{"a secret", provider.Update{Settings: renamed, Credentials: &eventv1.ProviderCredentials{ClientSecret: "new"}}, nil, 3, "new"},
	} {
		c.update.ID = id
		if _, err := n.Providers.Update(t.Context(), owner(), c.update); !errors.Is(err, c.fails) {
			t.Errorf("%s: %v", c.name, err)
		}
		state, err := n.Providers.Find(t.Context(), n.Tenant, id)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(recorded(t, n, id)); got != c.events || state.Credentials.GetClientSecret() != c.secret {
			t.Errorf("%s: %d events, want %d", c.name, got, c.events)
		}
	}
}

// The key of a SAML provider stays when its settings change: the provider knows the platform by it.
func TestSAMLKeepsItsKey(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	id := add(t, n, commandtest.Admin(), provider.Add{Settings: federation()})
	before, err := n.Providers.Metadata(t.Context(), n.Tenant, id)
	if err != nil || !strings.Contains(string(before), commandtest.ExternalURL+"/idps/"+id+"/saml/acs") {
		t.Fatalf("%s, %v", before, err)
	}
	changed := federation()
	changed.Name = "Other"
	if _, err := n.Providers.Update(t.Context(), commandtest.Admin(), provider.Update{ID: id, Settings: changed}); err != nil {
		t.Fatal(err)
	}
	after, err := n.Providers.Metadata(t.Context(), n.Tenant, id)
	if err != nil || string(after) != string(before) {
		t.Errorf("the metadata changed: %v", err)
	}
}

func TestWhoMayBeLinked(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	closed := openID()
	closed.LinkingAllowed = false
	own := add(t, n, owner(), provider.Add{Organization: "default", Settings: openID(), Credentials: secret()})
	removed := add(t, n, owner(), provider.Add{Organization: "default", Settings: openID(), Credentials: secret()})
	if _, err := n.Providers.Remove(t.Context(), owner(), removed); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id, organization string
		want             bool
	}{
		{own, "default", true}, {own, "elsewhere", false}, {own, "", false},
		{add(t, n, commandtest.Admin(), provider.Add{Settings: openID()}), "elsewhere", true},
		{add(t, n, commandtest.Admin(), provider.Add{Settings: closed}), "default", false},
		{removed, "default", false}, {"nothing", "default", false}, {"", "default", false},
	} {
		if got, err := n.Providers.Linkable(t.Context(), n.Tenant, c.id, c.organization); err != nil || got != c.want {
			t.Errorf("%s by users of %q: %v, %v", c.id, c.organization, got, err)
		}
	}
}

func TestTrial(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	there := federationtest.NewOpenIDProvider(t, commandtest.ExternalURL+"/idps/callback")
	for issuer, reason := range map[string]string{
		there.Issuer: "", "http://127.0.0.1:1": "IDP_UNREACHABLE", "https://10.0.0.1": "IDP_ADDRESS_BLOCKED", "https://169.254.169.254": "IDP_ADDRESS_BLOCKED",
	} {
		settings := openID()
		settings.Oidc.Issuer = issuer
		id := add(t, n, commandtest.Admin(), provider.Add{Settings: settings, Credentials: &eventv1.ProviderCredentials{ClientSecret: there.ClientSecret}})
		err := n.Providers.Test(t.Context(), commandtest.Admin(), id)
		refused, _ := errors.AsType[*failure.Error](err)
		switch {
		case reason == "" && err != nil:
			t.Errorf("%s: %v", issuer, err)
		case reason != "" && (refused == nil || refused.Reason != reason || refused.Kind != failure.FailedPrecondition):
			t.Errorf("%s: %v, want %s", issuer, err, reason)
		}
	}
}

// Neither the log without its keys nor what is decoded for others shows a secret.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	id := add(t, n, owner(), provider.Add{Organization: "default", Settings: openID(), Credentials: secret()})
	events, err := n.Store.ReadStream(t.Context(), stream(n, id), 0)
	if err != nil {
		t.Fatal(err)
	}
	shown, _, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Personal)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range events {
		raw := string(e.Payload) + string(e.Personal) + string(e.Secret)
		if strings.Contains(raw, clientSecret) || strings.Contains(shown[i].Proto.(*eventv1.IDPAdded).String(), clientSecret) {
			t.Errorf("%s shows the secret", e.Type)
		}
	}
	if !strings.Contains(recorded(t, n, id)[0].(*eventv1.IDPAdded).String(), clientSecret) {
		t.Error("the secret is nowhere")
	}
}
