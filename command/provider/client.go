package provider

import (
	"context"
	"net/url"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/federation"
)

// tester is what the clients of all kinds of provider have in common.
type tester interface {
	Test(context.Context) error
}

// client returns the client that the settings of a provider describe.
func (s *Service) client(id string, p *eventv1.IdentityProvider, c *eventv1.ProviderCredentials) (tester, error) {
	switch kindOf(p) {
	case kindOIDC:
		return s.oidc(p, c)
	case kindOAuth2:
		return s.oauth2(p, c)
	case kindLDAP:
		return s.ldap(p, c)
	case kindSAML:
		return s.saml(id, p, c)
	}
	return nil, ErrKind
}

// Redirecting returns the client of a provider where people sign in with their browser, ErrKind for a directory.
func (s *Service) Redirecting(id string, state *State) (federation.Redirecting, error) {
	client, err := s.client(id, state.Settings, state.Credentials)
	if err != nil {
		return nil, err
	}
	if r, ok := client.(federation.Redirecting); ok {
		return r, nil
	}
	return nil, ErrKind
}

// Directory returns the client of a directory, ErrKind for other kinds of provider.
func (s *Service) Directory(_ string, state *State) (*federation.LDAP, error) {
	if kindOf(state.Settings) != kindLDAP {
		return nil, ErrKind
	}
	return s.ldap(state.Settings, state.Credentials)
}

// CallbackURL is where a provider sends browsers back to; empty for a directory.
func (s *Service) CallbackURL(id string, p *eventv1.IdentityProvider) string {
	switch kindOf(p) {
	case kindOIDC, kindOAuth2:
		return s.externalURL + "/idps/callback"
	case kindSAML:
		return s.externalURL + "/idps/" + url.PathEscape(id) + "/saml/acs"
	}
	return ""
}

func (s *Service) oidc(p *eventv1.IdentityProvider, c *eventv1.ProviderCredentials) (*federation.OIDC, error) {
	o := p.GetOidc()
	config := federation.OIDCConfig{
		Issuer: o.GetIssuer(), ClientID: o.GetClientId(), ClientSecret: c.GetClientSecret(), Scopes: o.GetScopes(),
		Mapping: mapping(p.GetMapping()), ClientAuth: federation.ClientAuth(o.GetClientAuth()), FormPost: o.GetFormPost(),
		IDTokenOnly: o.GetSkipUserinfo(),
	}
	if o.GetKeyId() != "" {
		config.SecretKey = &federation.SecretKey{TeamID: o.GetTeamId(), KeyID: o.GetKeyId(), Key: c.GetPrivateKey(), Audience: o.GetKeyAudience()}
		if config.SecretKey.Audience == "" {
			config.SecretKey.Audience = o.GetIssuer()
		}
	}
	return s.federation.OIDC(config)
}

func (s *Service) oauth2(p *eventv1.IdentityProvider, c *eventv1.ProviderCredentials) (*federation.OAuth2, error) {
	o := p.GetOauth2()
	return s.federation.OAuth2(federation.OAuth2Config{
		AuthorizationURL: o.GetAuthorizationUrl(), TokenURL: o.GetTokenUrl(), UserInfoURL: o.GetUserinfoUrl(),
		ClientID: o.GetClientId(), ClientSecret: c.GetClientSecret(), Scopes: o.GetScopes(),
		Mapping: mapping(p.GetMapping()), Issuer: o.GetIssuer(), ClientAuth: federation.ClientAuth(o.GetClientAuth()),
	})
}

func mapping(m *eventv1.AttributeMapping) federation.Mapping {
	return federation.Mapping{
		ExternalID: m.GetExternalId(), Username: m.GetUsername(), GivenName: m.GetGivenName(), FamilyName: m.GetFamilyName(),
		NickName: m.GetNickName(), DisplayName: m.GetDisplayName(), Email: m.GetEmail(), EmailVerified: m.GetEmailVerified(),
		Phone: m.GetPhone(), PhoneVerified: m.GetPhoneVerified(), Language: m.GetLanguage(), AvatarURL: m.GetAvatarUrl(),
		ProfileURL: m.GetProfileUrl(),
	}
}

func (s *Service) ldap(p *eventv1.IdentityProvider, c *eventv1.ProviderCredentials) (*federation.LDAP, error) {
	l := p.GetLdap()
	return s.federation.LDAP(federation.LDAPConfig{
		Servers: l.GetServers(), StartTLS: l.GetStartTls(), RootCA: l.GetRootCertificates(),
		BindDN: l.GetBindDn(), BindPassword: c.GetBindPassword(), BaseDN: l.GetBaseDn(),
		UserObjectClasses: l.GetObjectClasses(), UserFilters: l.GetLoginAttributes(),
		Mapping: mapping(p.GetMapping()), Timeout: time.Duration(l.GetTimeoutSeconds()) * time.Second,
	})
}

func (s *Service) saml(id string, p *eventv1.IdentityProvider, c *eventv1.ProviderCredentials) (*federation.SAML, error) {
	x := p.GetSaml()
	config := federation.SAMLConfig{
		EntityID: s.entityID(id), MetadataURL: x.GetMetadataUrl(), MetadataXML: x.GetMetadata(),
		Certificate: x.GetCertificate(), Key: c.GetPrivateKey(),
		SignRequests: x.GetSignRequests() && len(x.GetCertificate()) > 0, // none yet while a new provider is checked
		NameIDFormat: x.GetNameIdFormat(), Mapping: mapping(p.GetMapping()),
	}
	switch x.GetBinding() {
	case eventv1.SAMLBinding_SAML_BINDING_REDIRECT:
		config.Binding = federation.SAMLRedirect
	case eventv1.SAMLBinding_SAML_BINDING_POST:
		config.Binding = federation.SAMLPost
	}
	return s.federation.SAML(config)
}

// entityID names this installation to one SAML provider. It is also where its metadata stands.
func (s *Service) entityID(id string) string {
	return s.externalURL + "/idps/" + url.PathEscape(id) + "/saml/metadata"
}

// Metadata returns what a SAML provider has to know of this installation, XML; ErrNotFound where there is no such provider.
func (s *Service) Metadata(ctx context.Context, tenant, id string) ([]byte, error) {
	state, err := s.Find(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	if !state.Exists() || kindOf(state.Settings) != kindSAML {
		return nil, ErrNotFound
	}
	client, err := s.saml(id, state.Settings, state.Credentials)
	if err != nil {
		return nil, err
	}
	return client.Metadata(s.CallbackURL(id, state.Settings))
}
