package federation

import (
	"context"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// discovery is the part of a provider's metadata that matters here (OpenID Connect Discovery 1.0, section 3).
type discovery struct {
	Issuer           string   `json:"issuer"`
	AuthorizationURL string   `json:"authorization_endpoint"`
	TokenURL         string   `json:"token_endpoint"`
	UserInfoURL      string   `json:"userinfo_endpoint"`
	KeysURL          string   `json:"jwks_uri"`
	Algorithms       []string `json:"id_token_signing_alg_values_supported"`
	ClientAuth       []string `json:"token_endpoint_auth_methods_supported"`
	Challenges       []string `json:"code_challenge_methods_supported"`
	SendsIssuer      bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
}

// issuer is a provider of OpenID Connect as discovered: what it says about itself, and its keys.
type issuer struct {
	discovery
	keys oidc.KeySet
}

// Signatures that prove who made them: with the symmetric algorithms everybody who can check can also sign.
func asymmetric(algorithm string) bool {
	switch algorithm {
	case oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA:
		return true
	}
	return false
}

func (c *Client) discover(ctx context.Context, url string) (*issuer, error) {
	return cached(ctx, c, "oidc "+url, func(ctx context.Context) (*issuer, error) { return c.fetchIssuer(ctx, url) })
}

func (c *Client) fetchIssuer(ctx context.Context, url string) (*issuer, error) {
	var d discovery
	if err := c.getJSON(ctx, "the discovery document", strings.TrimSuffix(url, "/")+"/.well-known/openid-configuration", &d); err != nil {
		return nil, err
	}
	if d.Issuer != url {
		return nil, refuse(ErrConfig, nil, "the discovery document is that of another issuer: mind a slash at the end")
	}
	for _, e := range []struct{ what, url string }{
		{"the authorization endpoint", d.AuthorizationURL},
		{tokenEndpoint, d.TokenURL},
		{"the key set", d.KeysURL},
	} {
		if err := c.endpoint(e.what+" in the discovery document", e.url); err != nil {
			return nil, err
		}
	}
	if d.UserInfoURL != "" {
		if err := c.endpoint("the user info endpoint in the discovery document", d.UserInfoURL); err != nil {
			return nil, err
		}
	}
	offered := len(d.Algorithms)
	d.Algorithms = slices.DeleteFunc(d.Algorithms, func(a string) bool { return !asymmetric(a) })
	if offered > 0 && len(d.Algorithms) == 0 {
		return nil, refuse(ErrConfig, nil, "the provider signs ID tokens with no algorithm that is accepted")
	}
	// The key set outlives this request and is fetched when a signature has to be checked.
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), c.http), d.KeysURL)
	return &issuer{discovery: d, keys: keys}, nil
}

// clientAuth returns the way of client authentication that the provider supports, preferably the default one.
func (d *discovery) clientAuth() ClientAuth {
	if len(d.ClientAuth) == 0 || slices.Contains(d.ClientAuth, string(ClientSecretBasic)) {
		return ClientSecretBasic
	}
	return ClientSecretPost
}

// attempt looks keys up for one verification and remembers why that failed, which the verifier forgets.
type attempt struct {
	keys oidc.KeySet
	err  error
}

func (a *attempt) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := a.keys.VerifySignature(ctx, jwt)
	a.err = err
	return payload, err
}
