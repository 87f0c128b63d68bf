package idpservice

import (
	"strings"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
)

const presetPrefix = "PRESET_"

// How clients prove themselves, by the names of RFC 7591, section 2.
const (
	clientSecretBasic = "client_secret_basic"
	clientSecretPost  = "client_secret_post"
)

// settings reads what a caller sets.
func settings(s *idpv1.ProviderSettings) *eventv1.IdentityProvider {
	p := &eventv1.IdentityProvider{
		Name: s.GetName(), PresetPlace: s.GetPresetPlace(),
		LinkingAllowed: s.GetLinkingAllowed(), CreationAllowed: s.GetCreationAllowed(),
		AutoCreation: s.GetAutoCreation(), AutoUpdate: s.GetAutoUpdate(),
	}
	if s.GetPreset() != idpv1.Preset_PRESET_UNSPECIFIED {
		p.Preset = strings.ToLower(strings.TrimPrefix(s.GetPreset().String(), presetPrefix))
	}
	if m := s.GetMapping(); m != nil {
		p.Mapping = &eventv1.AttributeMapping{
			ExternalId: m.GetExternalId(), Username: m.GetUsername(), GivenName: m.GetGivenName(), FamilyName: m.GetFamilyName(),
			NickName: m.GetNickName(), DisplayName: m.GetDisplayName(), Email: m.GetEmail(), EmailVerified: m.GetEmailVerified(),
			Phone: m.GetPhone(), PhoneVerified: m.GetPhoneVerified(), Language: m.GetLanguage(), AvatarUrl: m.GetAvatarUrl(),
			ProfileUrl: m.GetProfileUrl(),
		}
	}
	switch k := s.GetKind().(type) {
	case *idpv1.ProviderSettings_Oidc:
		o := k.Oidc
		p.Oidc = &eventv1.OIDCProvider{
			Issuer: o.GetIssuer(), ClientId: o.GetClientId(), Scopes: o.GetScopes(), SkipUserinfo: o.GetSkipUserinfo(),
			TeamId: o.GetTeamId(), KeyId: o.GetKeyId(), KeyAudience: o.GetKeyAudience(),
			ClientAuth: clientAuth(o.GetClientAuthentication()), FormPost: o.GetFormPost(),
		}
	case *idpv1.ProviderSettings_Oauth2:
		o := k.Oauth2
		p.Oauth2 = &eventv1.OAuth2Provider{
			AuthorizationUrl: o.GetAuthorizationUrl(), TokenUrl: o.GetTokenUrl(), UserinfoUrl: o.GetUserinfoUrl(),
			ClientId: o.GetClientId(), Scopes: o.GetScopes(), Issuer: o.GetIssuer(),
			ClientAuth: clientAuth(o.GetClientAuthentication()),
		}
	case *idpv1.ProviderSettings_Ldap:
		l := k.Ldap
		p.Ldap = &eventv1.LDAPProvider{
			Servers: l.GetServers(), StartTls: l.GetStartTls(), BaseDn: l.GetBaseDn(), BindDn: l.GetBindDn(),
			ObjectClasses: l.GetObjectClasses(), LoginAttributes: l.GetLoginAttributes(),
			TimeoutSeconds: l.GetTimeoutSeconds(), RootCertificates: l.GetRootCertificates(),
		}
	case *idpv1.ProviderSettings_Saml:
		x := k.Saml
		p.Saml = &eventv1.SAMLProvider{
			Metadata: x.GetMetadata(), MetadataUrl: x.GetMetadataUrl(), Binding: eventv1.SAMLBinding(x.GetBinding()),
			NameIdFormat: x.GetNameIdFormat(), SignRequests: x.GetSignRequests(),
		}
	}
	return p
}

func credentials(c *idpv1.ProviderCredentials) *eventv1.ProviderCredentials {
	if c == nil {
		return nil
	}
	return &eventv1.ProviderCredentials{
		ClientSecret: c.GetClientSecret(), BindPassword: c.GetBindPassword(), PrivateKey: []byte(c.GetPrivateKey()),
	}
}

// shown writes settings for a reader.
func shown(p *eventv1.IdentityProvider) *idpv1.ProviderSettings {
	s := &idpv1.ProviderSettings{
		Name: p.GetName(), Preset: idpv1.Preset(idpv1.Preset_value[presetPrefix+strings.ToUpper(p.GetPreset())]),
		PresetPlace: p.GetPresetPlace(), LinkingAllowed: p.GetLinkingAllowed(), CreationAllowed: p.GetCreationAllowed(),
		AutoCreation: p.GetAutoCreation(), AutoUpdate: p.GetAutoUpdate(),
	}
	if m := p.GetMapping(); m != nil {
		s.Mapping = &idpv1.AttributeMapping{
			ExternalId: m.GetExternalId(), Username: m.GetUsername(), GivenName: m.GetGivenName(), FamilyName: m.GetFamilyName(),
			NickName: m.GetNickName(), DisplayName: m.GetDisplayName(), Email: m.GetEmail(), EmailVerified: m.GetEmailVerified(),
			Phone: m.GetPhone(), PhoneVerified: m.GetPhoneVerified(), Language: m.GetLanguage(), AvatarUrl: m.GetAvatarUrl(),
			ProfileUrl: m.GetProfileUrl(),
		}
	}
	showKind(s, p)
	return s
}

func showKind(s *idpv1.ProviderSettings, p *eventv1.IdentityProvider) {
	if o := p.GetOidc(); o != nil {
		s.Kind = &idpv1.ProviderSettings_Oidc{Oidc: &idpv1.OIDCSettings{
			Issuer: o.GetIssuer(), ClientId: o.GetClientId(), Scopes: o.GetScopes(), SkipUserinfo: o.GetSkipUserinfo(),
			TeamId: o.GetTeamId(), KeyId: o.GetKeyId(), KeyAudience: o.GetKeyAudience(),
			ClientAuthentication: clientAuthentication(o.GetClientAuth()), FormPost: o.GetFormPost(),
		}}
	}
	if o := p.GetOauth2(); o != nil {
		s.Kind = &idpv1.ProviderSettings_Oauth2{Oauth2: &idpv1.OAuth2Settings{
			AuthorizationUrl: o.GetAuthorizationUrl(), TokenUrl: o.GetTokenUrl(), UserinfoUrl: o.GetUserinfoUrl(),
			ClientId: o.GetClientId(), Scopes: o.GetScopes(), Issuer: o.GetIssuer(),
			ClientAuthentication: clientAuthentication(o.GetClientAuth()),
		}}
	}
	if l := p.GetLdap(); l != nil {
		s.Kind = &idpv1.ProviderSettings_Ldap{Ldap: &idpv1.LDAPSettings{
			Servers: l.GetServers(), StartTls: l.GetStartTls(), BaseDn: l.GetBaseDn(), BindDn: l.GetBindDn(),
			ObjectClasses: l.GetObjectClasses(), LoginAttributes: l.GetLoginAttributes(),
			TimeoutSeconds: l.GetTimeoutSeconds(), RootCertificates: l.GetRootCertificates(),
		}}
	}
	if x := p.GetSaml(); x != nil {
		saml := &idpv1.SAMLSettings{
			Binding: idpv1.SAMLBinding(x.GetBinding()), NameIdFormat: x.GetNameIdFormat(), SignRequests: x.GetSignRequests(),
			Source: &idpv1.SAMLSettings_Metadata{Metadata: x.GetMetadata()},
		}
		if x.GetMetadataUrl() != "" {
			saml.Source = &idpv1.SAMLSettings_MetadataUrl{MetadataUrl: x.GetMetadataUrl()}
		}
		s.Kind = &idpv1.ProviderSettings_Saml{Saml: saml}
	}
}

func clientAuth(a idpv1.ClientAuthentication) string {
	switch a {
	case idpv1.ClientAuthentication_CLIENT_AUTHENTICATION_BASIC:
		return clientSecretBasic
	case idpv1.ClientAuthentication_CLIENT_AUTHENTICATION_POST:
		return clientSecretPost
	}
	return ""
}

func clientAuthentication(name string) idpv1.ClientAuthentication {
	switch name {
	case clientSecretBasic:
		return idpv1.ClientAuthentication_CLIENT_AUTHENTICATION_BASIC
	case clientSecretPost:
		return idpv1.ClientAuthentication_CLIENT_AUTHENTICATION_POST
	}
	return idpv1.ClientAuthentication_CLIENT_AUTHENTICATION_UNSPECIFIED
}
