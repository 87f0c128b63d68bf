package federation

import (
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/oauth2"
)

const kindOAuth2 = "oauth2"

// OAuth2Config configures a provider of plain OAuth 2.0. Who signed in is what the user info endpoint says.
type OAuth2Config struct {
	AuthorizationURL string
	TokenURL         string
	UserInfoURL      string
	ClientID         string
	ClientSecret     string   // empty: a public client
	Scopes           []string // none if empty
	Mapping          Mapping

	// Issuer is what the provider calls itself in the iss parameter (RFC 9207); not checked if empty.
	Issuer string
	// ClientAuth is ClientSecretBasic if empty.
	ClientAuth ClientAuth
}

// There is no standard for the names. The id must not have alternatives: one of them could be chosen by its owner.
func oauth2Defaults() Mapping {
	return Mapping{
		ExternalID: "id", Username: "preferred_username|username|login|email", GivenName: "given_name|first_name",
		FamilyName: "family_name|last_name", NickName: "nickname", DisplayName: "name|display_name", Email: "email",
		EmailVerified: "email_verified", Phone: "phone_number", PhoneVerified: "phone_number_verified",
		Language: "locale|language", AvatarURL: "picture|avatar_url", ProfileURL: "profile|html_url",
	}
}

// OAuth2 is a provider of plain OAuth 2.0.
type OAuth2 struct {
	client *Client
	config OAuth2Config
}

// OAuth2 returns the provider with this configuration. Nothing is asked yet.
func (c *Client) OAuth2(config OAuth2Config) (*OAuth2, error) {
	for _, e := range []struct{ what, url string }{
		{"the authorization endpoint", config.AuthorizationURL},
		{tokenEndpoint, config.TokenURL},
		{"the user info endpoint", config.UserInfoURL},
	} {
		if err := c.endpoint(e.what, e.url); err != nil {
			return nil, err
		}
	}
	if config.ClientID == "" {
		return nil, refuse(ErrConfig, nil, "the client id is missing")
	}
	if config.ClientSecret == "" {
		config.ClientAuth = ClientSecretPost
	}
	return &OAuth2{client: c, config: config}, nil
}

func (p *OAuth2) flow() flow { return flow{Kind: kindOAuth2, Provider: p.config.TokenURL} }

func (p *OAuth2) oauth(callback string) oauth2.Config {
	return oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Scopes: p.config.Scopes, RedirectURL: callback,
		Endpoint: oauth2.Endpoint{
			AuthURL: p.config.AuthorizationURL, TokenURL: p.config.TokenURL, AuthStyle: p.config.ClientAuth.style(),
		},
	}
}

// Begin prepares an authorization request (RFC 6749, section 4.1.1).
func (p *OAuth2) Begin(_ context.Context, b Begin) (Begun, error) {
	return p.client.authorize(p.oauth(b.CallbackURL), codeRequest{begin: b, flow: p.flow()})
}

// Finish exchanges the code and asks the user info endpoint whose token it is.
func (p *OAuth2) Finish(ctx context.Context, f Finish) (Identity, error) {
	begun, err := resume(f, p.flow(), "state")
	if err != nil {
		return Identity{}, err
	}
	code, err := authorizationCode(f.Answer, p.config.Issuer, false)
	if err != nil {
		return Identity{}, err
	}
	tokens, err := p.client.exchange(ctx, p.oauth(f.CallbackURL), code, begun.Verifier)
	if err != nil {
		return Identity{}, err
	}
	body, err := p.client.get(ctx, "the user info endpoint", p.config.UserInfoURL, tokens.AccessToken)
	if err != nil {
		return Identity{}, err
	}
	info, err := parseClaims(body)
	if err != nil {
		return Identity{}, refuse(ErrUnreachable, nil, "the user info endpoint does not answer with a JSON object")
	}
	id := p.config.Mapping.identity(oauth2Defaults(), info.text)
	if id.ExternalID == "" {
		return Identity{}, refuse(ErrConfig, nil, "the user information does not have the claim that is the external id")
	}
	if id.Raw, err = json.Marshal(info); err != nil {
		return Identity{}, fmt.Errorf("federation: encode claims: %w", err)
	}
	id.AccessToken, id.RefreshToken = tokens.AccessToken, tokens.RefreshToken
	return id, nil
}

// Test asks the token endpoint whether it knows the client.
func (p *OAuth2) Test(ctx context.Context) error {
	return p.client.probe(ctx, p.oauth(""))
}
