package provider

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/federation"
)

const maxName = 200 // characters

// made is a provider in its kept form.
type made struct {
	settings    *eventv1.IdentityProvider
	credentials *eventv1.ProviderCredentials
}

// kind tells the kinds of providers apart.
type kind uint8

const (
	kindNone kind = iota
	kindOIDC
	kindOAuth2
	kindLDAP
	kindSAML
)

// kindOf returns the one kind that is set, none if there are several.
func kindOf(p *eventv1.IdentityProvider) kind {
	found := kindNone
	for k, set := range map[kind]bool{
		kindOIDC: p.GetOidc() != nil, kindOAuth2: p.GetOauth2() != nil, kindLDAP: p.GetLdap() != nil, kindSAML: p.GetSaml() != nil,
	} {
		switch {
		case !set:
		case found != kindNone:
			return kindNone
		default:
			found = k
		}
	}
	return found
}

// check validates what a caller says, whatever is there already.
func check(p *eventv1.IdentityProvider, c *eventv1.ProviderCredentials) error {
	name := strings.TrimSpace(p.GetName())
	switch {
	case name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, unicode.IsControl):
		return ErrName
	case kindOf(p) == kindNone:
		return ErrKind
	case p.GetAutoCreation() && !p.GetCreationAllowed():
		return ErrAutomatic
	case kindOf(p) == kindSAML && (!proto.Equal(c, &eventv1.ProviderCredentials{}) && c != nil || len(p.GetSaml().GetCertificate()) > 0):
		return ErrCredentials // keys for SAML are made here
	}
	return nil
}

// prepare validates settings with their credentials and brings them into their kept form: a preset filled in. The client they
// are for is built, so that what it would refuse is refused here.
func (s *Service) prepare(id string, p *eventv1.IdentityProvider, c *eventv1.ProviderCredentials) (*made, error) {
	m := &made{settings: proto.CloneOf(p), credentials: proto.CloneOf(c)}
	if m.credentials == nil {
		m.credentials = &eventv1.ProviderCredentials{}
	}
	m.settings.Name = strings.TrimSpace(p.GetName())
	if err := fill(m.settings); err != nil {
		return nil, err
	}
	if !fits(m.credentials, m.settings) {
		return nil, ErrCredentials
	}
	_, err := s.client(id, m.settings, m.credentials)
	return m, invalid(err)
}

// fits reports whether credentials are of the kind of the provider: what it does not need is not kept.
func fits(c *eventv1.ProviderCredentials, p *eventv1.IdentityProvider) bool {
	secret, password, key := c.GetClientSecret() != "", c.GetBindPassword() != "", len(c.GetPrivateKey()) > 0
	switch kindOf(p) {
	case kindOIDC:
		return !password && key == (p.GetOidc().GetKeyId() != "")
	case kindOAuth2:
		return !password && !key
	case kindLDAP:
		return !secret && !key && password == (p.GetLdap().GetBindDn() != "")
	default:
		return !secret && !password
	}
}

// fill completes settings from their preset.
func fill(p *eventv1.IdentityProvider) error {
	if p.GetPreset() == "" {
		return nil
	}
	template, known := federation.Preset(p.GetPreset())
	if !known {
		return ErrPreset
	}
	template = template.At(p.GetPresetPlace())
	switch {
	case template.OIDC != nil && template.OIDC.SecretKey != nil && p.GetOidc() != nil && p.GetOidc().GetKeyId() == "":
		return ErrCredentials // this provider's clients sign their secrets
	case template.OIDC != nil && p.GetOidc() != nil:
		fillOIDC(p.GetOidc(), template.OIDC)
		p.Mapping = filled(p.GetMapping(), template.OIDC.Mapping)
	case template.OAuth2 != nil && p.GetOauth2() != nil:
		fillOAuth2(p.GetOauth2(), template.OAuth2)
		p.Mapping = filled(p.GetMapping(), template.OAuth2.Mapping)
	default:
		return ErrPreset
	}
	return nil
}

func fillOIDC(o *eventv1.OIDCProvider, t *federation.OIDCConfig) {
	o.Issuer = cmp.Or(o.GetIssuer(), t.Issuer)
	o.ClientAuth = cmp.Or(o.GetClientAuth(), string(t.ClientAuth))
	o.FormPost = o.GetFormPost() || t.FormPost
	o.SkipUserinfo = o.GetSkipUserinfo() || t.IDTokenOnly
	if t.SecretKey != nil {
		o.KeyAudience = cmp.Or(o.GetKeyAudience(), t.SecretKey.Audience)
	}
	if len(o.GetScopes()) == 0 {
		o.Scopes = t.Scopes
	}
}

func fillOAuth2(o *eventv1.OAuth2Provider, t *federation.OAuth2Config) {
	o.AuthorizationUrl = cmp.Or(o.GetAuthorizationUrl(), t.AuthorizationURL)
	o.TokenUrl = cmp.Or(o.GetTokenUrl(), t.TokenURL)
	o.UserinfoUrl = cmp.Or(o.GetUserinfoUrl(), t.UserInfoURL)
	o.Issuer = cmp.Or(o.GetIssuer(), t.Issuer)
	o.ClientAuth = cmp.Or(o.GetClientAuth(), string(t.ClientAuth))
	if len(o.GetScopes()) == 0 {
		o.Scopes = t.Scopes
	}
}

// filled returns a mapping with the template's where it has none of its own.
func filled(own *eventv1.AttributeMapping, t federation.Mapping) *eventv1.AttributeMapping {
	m := &eventv1.AttributeMapping{
		ExternalId:    cmp.Or(own.GetExternalId(), t.ExternalID),
		Username:      cmp.Or(own.GetUsername(), t.Username),
		GivenName:     cmp.Or(own.GetGivenName(), t.GivenName),
		FamilyName:    cmp.Or(own.GetFamilyName(), t.FamilyName),
		NickName:      cmp.Or(own.GetNickName(), t.NickName),
		DisplayName:   cmp.Or(own.GetDisplayName(), t.DisplayName),
		Email:         cmp.Or(own.GetEmail(), t.Email),
		EmailVerified: cmp.Or(own.GetEmailVerified(), t.EmailVerified),
		Phone:         cmp.Or(own.GetPhone(), t.Phone),
		PhoneVerified: cmp.Or(own.GetPhoneVerified(), t.PhoneVerified),
		Language:      cmp.Or(own.GetLanguage(), t.Language),
		AvatarUrl:     cmp.Or(own.GetAvatarUrl(), t.AvatarURL),
		ProfileUrl:    cmp.Or(own.GetProfileUrl(), t.ProfileURL),
	}
	if proto.Equal(m, &eventv1.AttributeMapping{}) {
		return own
	}
	return m
}
