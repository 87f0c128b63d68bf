package settingsservice

import (
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/query/provider"
)

// identityProvider is what a login page needs to know of a provider.
func identityProvider(p *provider.Provider) *settingsv2.IdentityProvider {
	return &settingsv2.IdentityProvider{
		Id: p.ID, Name: p.Settings.GetName(), Type: providerType(p.Settings), Options: &settingsv2.ProviderOptions{
			IsLinkingAllowed: p.Settings.GetLinkingAllowed(), IsCreationAllowed: p.Settings.GetCreationAllowed(),
			IsAutoCreation: p.Settings.GetAutoCreation(), IsAutoUpdate: p.Settings.GetAutoUpdate(),
		},
	}
}

// providerType tells well-known providers by their preset, and others by their protocol.
func providerType(p *eventv1.IdentityProvider) settingsv2.IdentityProviderType {
	elsewhere := p.GetPresetPlace() != ""
	switch preset := p.GetPreset(); {
	case preset == "google":
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GOOGLE
	case preset == "github" && elsewhere:
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITHUB_ES
	case preset == "github":
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITHUB
	case preset == "gitlab" && elsewhere:
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITLAB_SELF_HOSTED
	case preset == "gitlab":
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_GITLAB
	case preset == "microsoft":
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_AZURE_AD
	case preset == "apple":
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_APPLE
	case p.GetOidc() != nil:
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_OIDC
	case p.GetOauth2() != nil:
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_OAUTH
	case p.GetLdap() != nil:
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_LDAP
	case p.GetSaml() != nil:
		return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_SAML
	}
	return settingsv2.IdentityProviderType_IDENTITY_PROVIDER_TYPE_UNSPECIFIED
}
