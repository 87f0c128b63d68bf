package federation

import "strings"

// Template is the configuration of a well-known provider, of which only what is special to its user is missing. Exactly one
// of OIDC and OAuth2 is set.
type Template struct {
	OIDC   *OIDCConfig
	OAuth2 *OAuth2Config
	// Place says what At takes, if anything: "tenant" or "base URL".
	Place string
}

// tenant stands for what At fills in. A configuration that still has it is refused.
const tenant = "{tenant}"

// Presets are the names that Preset knows.
func Presets() []string { return []string{"google", "github", "gitlab", "microsoft", "apple"} }

// Preset returns the template with a name, and whether there is one. All need ClientID; besides:
//
//	google     ClientSecret
//	github     ClientSecret; At(base URL) for GitHub Enterprise Server, as "https://github.example.com"
//	gitlab     ClientSecret; At(base URL) for a GitLab of one's own
//	microsoft  ClientSecret and At(tenant): the id of a tenant, in its lower-case form of a UUID. The shared tenants (common,
//	           organizations, consumers) do not work, because an ID token then comes from an issuer that cannot be known before.
//	apple      SecretKey with TeamID, KeyID and Key. ClientID is the id of the service ("Services ID"). Apple sends names only at the
//	           first sign-in, and the answer as a POST.
func Preset(name string) (Template, bool) {
	switch name {
	case "google":
		return Template{OIDC: &OIDCConfig{Issuer: "https://accounts.google.com"}}, true
	case "github":
		return github("https://github.com", "https://api.github.com"), true
	case "gitlab":
		return gitlab("https://gitlab.com"), true
	case "microsoft":
		return Template{OIDC: &OIDCConfig{Issuer: "https://login.microsoftonline.com/" + tenant + "/v2.0"}, Place: "tenant"}, true
	case "apple":
		return Template{OIDC: &OIDCConfig{
			Issuer:     "https://appleid.apple.com",
			SecretKey:  &SecretKey{Audience: "https://appleid.apple.com"},
			ClientAuth: ClientSecretPost,
			Scopes:     []string{"openid", "name", "email"},
			FormPost:   true,
			Mapping:    Mapping{GivenName: "user.name.firstName", FamilyName: "user.name.lastName"},
		}}, true
	}
	return Template{}, false
}

func github(base, api string) Template {
	return Template{Place: "base URL", OAuth2: &OAuth2Config{
		AuthorizationURL: base + "/login/oauth/authorize",
		TokenURL:         base + "/login/oauth/access_token",
		UserInfoURL:      api + "/user",
		Scopes:           []string{"read:user", "user:email"},
		ClientAuth:       ClientSecretPost,
		Mapping:          Mapping{Username: "login", DisplayName: "name", AvatarURL: "avatar_url", ProfileURL: "html_url"},
	}}
}

func gitlab(base string) Template {
	return Template{Place: "base URL", OIDC: &OIDCConfig{
		Issuer:  base,
		Mapping: Mapping{Username: "nickname"},
	}}
}

// At returns the template for a tenant or a base URL. A template without a Place, and an empty place, change nothing.
func (t Template) At(place string) Template {
	place = strings.TrimSuffix(place, "/")
	switch {
	case place == "" || t.Place == "":
		return t
	case t.Place == "tenant":
		config := *t.OIDC
		config.Issuer = strings.ReplaceAll(config.Issuer, tenant, place)
		t.OIDC = &config
		return t
	case t.OAuth2 != nil:
		return github(place, place+"/api/v3")
	}
	return gitlab(place)
}
