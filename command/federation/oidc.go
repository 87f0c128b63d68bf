package federation

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	kindOIDC  = "oidc"
	maxBeside = 4096            // bytes of what comes beside the ID token
	skew      = 5 * time.Minute // between the provider's clock and this one, for what must not be of the future
)

// OIDCConfig configures a provider of OpenID Connect with discovery.
type OIDCConfig struct {
	Issuer       string // exactly as the provider writes it
	ClientID     string
	ClientSecret string     // empty: a public client, or one with SecretKey
	SecretKey    *SecretKey // makes client secrets instead of ClientSecret
	Scopes       []string   // openid profile email if empty; openid is added
	Mapping      Mapping

	// ClientAuth is taken from discovery if empty.
	ClientAuth ClientAuth
	// FormPost asks for the answer as a POST to the callback (response_mode=form_post).
	FormPost bool
	// IDTokenOnly leaves the user info endpoint alone.
	IDTokenOnly bool
}

// The claims of OpenID Connect Core 1.0, section 5.1. ExternalID is always read from the ID token.
func oidcDefaults() Mapping {
	return Mapping{
		ExternalID: "sub", Username: "preferred_username|email", GivenName: "given_name", FamilyName: "family_name",
		NickName: "nickname", DisplayName: "name", Email: "email", EmailVerified: "email_verified",
		Phone: "phone_number", PhoneVerified: "phone_number_verified",
		Language: "locale", AvatarURL: "picture", ProfileURL: "profile",
	}
}

// OIDC is a provider of OpenID Connect.
type OIDC struct {
	client *Client
	config OIDCConfig
}

// OIDC returns the provider with this configuration. Nothing is asked yet.
func (c *Client) OIDC(config OIDCConfig) (*OIDC, error) {
	if err := c.endpoint("the issuer", config.Issuer); err != nil {
		return nil, err
	}
	if config.ClientID == "" {
		return nil, refuse(ErrConfig, nil, "the client id is missing")
	}
	if config.ClientSecret != "" && config.SecretKey != nil {
		return nil, refuse(ErrConfig, nil, "a client has a secret or a key that makes secrets, not both")
	}
	if config.SecretKey != nil {
		if err := config.SecretKey.check(); err != nil {
			return nil, err
		}
	}
	if len(config.Scopes) == 0 {
		config.Scopes = []string{"profile", "email"}
	}
	if !slices.Contains(config.Scopes, oidc.ScopeOpenID) {
		config.Scopes = append([]string{oidc.ScopeOpenID}, config.Scopes...)
	}
	return &OIDC{client: c, config: config}, nil
}

func (p *OIDC) flow() flow { return flow{Kind: kindOIDC, Provider: p.config.Issuer} }

// oauth returns the OAuth 2.0 half of the client. A made secret is only needed at the token endpoint.
func (p *OIDC) oauth(i *issuer, callback string) (oauth2.Config, error) {
	auth := p.config.ClientAuth
	if auth == "" {
		auth = i.clientAuth()
	}
	secret := p.config.ClientSecret
	if p.config.SecretKey != nil {
		var err error
		if secret, err = p.config.SecretKey.secret(p.config.ClientID, p.client.now()); err != nil {
			return oauth2.Config{}, err
		}
	}
	if secret == "" {
		auth = ClientSecretPost // a public client names itself in the body (RFC 6749, section 3.2.1)
	}
	return oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: secret, Scopes: p.config.Scopes, RedirectURL: callback,
		Endpoint: oauth2.Endpoint{AuthURL: i.AuthorizationURL, TokenURL: i.TokenURL, AuthStyle: auth.style()},
	}, nil
}

// Begin prepares an authorization request (OpenID Connect Core 1.0, section 3.1.2.1).
func (p *OIDC) Begin(ctx context.Context, b Begin) (Begun, error) {
	i, err := p.client.discover(ctx, p.config.Issuer)
	if err != nil {
		return Begun{}, err
	}
	nonce, err := p.client.secret()
	if err != nil {
		return Begun{}, err
	}
	config, err := p.oauth(i, b.CallbackURL)
	if err != nil {
		return Begun{}, err
	}
	f := p.flow()
	f.Nonce = nonce
	parameters := map[string]string{"nonce": nonce}
	if p.config.FormPost {
		parameters["response_mode"] = "form_post"
	}
	return p.client.authorize(config, codeRequest{begin: b, flow: f, parameters: parameters})
}

// Finish exchanges the code, verifies the ID token and reads the user information.
func (p *OIDC) Finish(ctx context.Context, f Finish) (Identity, error) {
	begun, err := resume(f, p.flow(), "state")
	if err != nil {
		return Identity{}, err
	}
	i, err := p.client.discover(ctx, p.config.Issuer)
	if err != nil {
		return Identity{}, err
	}
	code, err := authorizationCode(f.Answer, i.Issuer, i.SendsIssuer)
	if err != nil {
		return Identity{}, err
	}
	config, err := p.oauth(i, f.CallbackURL)
	if err != nil {
		return Identity{}, err
	}
	tokens, err := p.client.exchange(ctx, config, code, begun.Verifier)
	if err != nil {
		return Identity{}, err
	}
	raw, _ := tokens.Extra("id_token").(string)
	if raw == "" {
		return Identity{}, refuse(ErrUntrusted, nil, "the provider gives no ID token")
	}
	verified, err := p.verify(ctx, i, raw, begun.Nonce)
	if err != nil {
		return Identity{}, err
	}
	if verified.AccessTokenHash != "" {
		if err := verified.VerifyAccessToken(tokens.AccessToken); err != nil {
			return Identity{}, refuse(ErrUntrusted, err, "the access token is not the one of the ID token")
		}
	}
	id, err := p.identity(ctx, i, verified, claimSources{accessToken: tokens.AccessToken, answer: f.Answer})
	if err != nil {
		return Identity{}, err
	}
	id.AccessToken, id.IDToken, id.RefreshToken = tokens.AccessToken, raw, tokens.RefreshToken
	return id, nil
}

// verify holds an ID token to OpenID Connect Core 1.0, section 3.1.3.7.
func (p *OIDC) verify(ctx context.Context, i *issuer, raw, nonce string) (*oidc.IDToken, error) {
	keys := &attempt{keys: i.keys}
	token, err := oidc.NewVerifier(i.Issuer, keys, &oidc.Config{
		ClientID:             p.config.ClientID,
		SupportedSigningAlgs: i.Algorithms, // RS256 if the provider names none
		Now:                  p.client.now,
	}).Verify(ctx, raw)
	var (
		expired    *oidc.TokenExpiredError
		connection *url.Error
	)
	switch {
	case errors.As(keys.err, &connection):
		return nil, unreachable("the key set", keys.err)
	case errors.As(err, &expired):
		return nil, refuse(ErrUntrusted, nil, "the ID token is expired: check the clocks")
	case err != nil:
		return nil, refuse(ErrUntrusted, errors.New("verification failed"), "the ID token is not signed by this provider for this client")
	}
	var extra struct {
		AuthorizedParty string `json:"azp"`
	}
	if err := token.Claims(&extra); err != nil {
		return nil, refuse(ErrUntrusted, nil, "the ID token is malformed")
	}
	switch {
	case nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return nil, refuse(ErrUntrusted, nil, "the ID token belongs to another sign-in: its nonce is different")
	case len(token.Audience) > 1 && extra.AuthorizedParty == "", extra.AuthorizedParty != "" && extra.AuthorizedParty != p.config.ClientID:
		return nil, refuse(ErrUntrusted, nil, "the ID token was made for another client")
	case token.IssuedAt.After(p.client.now().Add(skew)):
		return nil, refuse(ErrUntrusted, nil, "the ID token is of the future: check the clocks")
	case token.Subject == "":
		return nil, refuse(ErrUntrusted, nil, "the ID token names nobody")
	}
	return token, nil
}

// claimSources are where claims come from besides the ID token.
type claimSources struct {
	accessToken string
	answer      url.Values
}

// identity joins the claims. Where two sources differ, the signed one wins.
func (p *OIDC) identity(ctx context.Context, i *issuer, token *oidc.IDToken, s claimSources) (Identity, error) {
	var signed json.RawMessage
	if err := token.Claims(&signed); err != nil {
		return Identity{}, refuse(ErrUntrusted, nil, "the ID token is malformed")
	}
	proven, err := parseClaims(signed)
	if err != nil {
		return Identity{}, refuse(ErrUntrusted, nil, "the ID token is malformed")
	}
	all := make(claims)
	// With form_post a provider may send what is not in the ID token beside it, through the browser: good for names to propose.
	if beside := s.answer.Get("user"); p.config.FormPost && len(beside) <= maxBeside {
		if user, err := parseClaims([]byte(beside)); err == nil && user != nil {
			all["user"] = map[string]any(user)
		}
	}
	if i.UserInfoURL != "" && !p.config.IDTokenOnly {
		info, err := p.userInfo(ctx, i, token.Subject, s.accessToken)
		if err != nil {
			return Identity{}, err
		}
		maps.Copy(all, info)
	}
	maps.Copy(all, proven)
	id := p.config.Mapping.identity(oidcDefaults(), all.text)
	// What links an account has to be proven.
	if id.ExternalID = proven.text(cmp.Or(p.config.Mapping.ExternalID, oidcDefaults().ExternalID)); id.ExternalID == "" {
		return Identity{}, refuse(ErrConfig, nil, "the ID token does not have the claim that is the external id")
	}
	if id.Raw, err = json.Marshal(all); err != nil {
		return Identity{}, fmt.Errorf("federation: encode claims: %w", err)
	}
	return id, nil
}

// userInfo reads the user information of the subject and of nobody else (OpenID Connect Core 1.0, section 5.3.2).
func (p *OIDC) userInfo(ctx context.Context, i *issuer, subject, accessToken string) (claims, error) {
	body, err := p.client.get(ctx, "the user info endpoint", i.UserInfoURL, accessToken)
	if err != nil {
		return nil, err
	}
	info, err := parseClaims(body)
	if err != nil {
		return nil, refuse(ErrUnreachable, nil, "the user info endpoint does not answer with a JSON object")
	}
	if got, _ := info["sub"].(string); got != subject {
		return nil, refuse(ErrUntrusted, nil, "the user information is that of somebody else")
	}
	return info, nil
}

// Test reads the discovery document and the keys, and asks the token endpoint whether it knows the client.
func (p *OIDC) Test(ctx context.Context) error {
	i, err := p.client.fetchIssuer(ctx, p.config.Issuer)
	if err != nil {
		return err
	}
	if len(i.Challenges) > 0 && !slices.Contains(i.Challenges, "S256") {
		return refuse(ErrConfig, nil, "the provider does not support PKCE with S256")
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := p.client.getJSON(ctx, "the key set", i.KeysURL, &set); err != nil {
		return err
	}
	if len(set.Keys) == 0 {
		return refuse(ErrConfig, nil, "the key set of the provider is empty")
	}
	config, err := p.oauth(i, "")
	if err != nil {
		return err
	}
	return p.client.probe(ctx, config)
}
