package federation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/federation"
)

func TestSignInWithOpenIDConnect(t *testing.T) {
	t.Parallel()
	s := newOpenIDProvider(t)
	p, err := newClient(t, s).OIDC(federation.OIDCConfig{
		Issuer: s.URL, ClientID: "signet", ClientSecret: "client-secret", Mapping: federation.Mapping{NickName: "given_name"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Test(t.Context()); err != nil {
		t.Fatalf("test: %v", err)
	}
	begun := begin(t, p)
	target, err := url.Parse(begun.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := target.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") != state || q.Get("login_hint") == "" {
		t.Errorf("authorization request: %v", q)
	}
	id, err := p.Finish(t.Context(), finish(begun, browse(t, s, begun.URL)))
	if err != nil {
		t.Fatal(err)
	}
	if id.ExternalID != "id2" || id.Email != "test-user2@zitadel.ch" || !id.EmailVerified || id.FamilyName != "User2" ||
		id.NickName != "Test" || id.Username != "test-user2" || id.Language != "de" {
		t.Errorf("identity: %+v", id)
	}
	if id.AccessToken == "" || id.IDToken == "" || !json.Valid(id.Raw) {
		t.Error("tokens or claims are missing")
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	s := newOpenIDProvider(t)
	p, err := newClient(t, s).OIDC(federation.OIDCConfig{Issuer: s.URL, ClientID: "signet", ClientSecret: "client-secret"})
	if err != nil {
		t.Fatal(err)
	}
	begun := begin(t, p)
	answer := browse(t, s, begun.URL)
	// Another sign-in cannot use the code: its verifier is a different one.
	_, err = p.Finish(t.Context(), finish(begin(t, p), answer))
	wantError(t, err, federation.ErrDenied)
	if _, err = p.Finish(t.Context(), finish(begun, answer)); err != nil {
		t.Fatal(err)
	}
	_, err = p.Finish(t.Context(), finish(begun, answer))
	wantError(t, err, federation.ErrDenied)
}

func TestAWrongClientSecretShows(t *testing.T) {
	t.Parallel()
	s := newOpenIDProvider(t)
	p, err := newClient(t, s).OIDC(federation.OIDCConfig{Issuer: s.URL, ClientID: "signet", ClientSecret: "wr0ng"})
	if err != nil {
		t.Fatal(err)
	}
	begun := begin(t, p)
	_, err = p.Finish(t.Context(), finish(begun, browse(t, s, begun.URL)))
	wantError(t, err, federation.ErrConfig)
	if strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("the text tells the secret: %v", err)
	}
}

func with(name string, value any) func(*forger, map[string]any) {
	return func(_ *forger, claims map[string]any) { claims[name] = value }
}

func TestIDTokens(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	key, other := newRSA(t), newRSA(t)
	for name, c := range map[string]struct {
		claims    func(*forger, map[string]any) // changes what would be right
		token     func(*forger, map[string]any) string
		discovery map[string]any
		userInfo  map[string]any
		answer    url.Values // added to state and code
		want      error
	}{
		"right":                  {},
		"wrong nonce":            {claims: with("nonce", "of another sign-in"), want: federation.ErrUntrusted},
		"no nonce":               {claims: func(_ *forger, c map[string]any) { delete(c, "nonce") }, want: federation.ErrUntrusted},
		"other audience":         {claims: with("aud", "somebody"), want: federation.ErrUntrusted},
		"two audiences":          {claims: with("aud", []string{"signet", "somebody"}), want: federation.ErrUntrusted},
		"other authorized party": {claims: with("azp", "somebody"), want: federation.ErrUntrusted},
		"two audiences, made for this client": {claims: func(_ *forger, c map[string]any) {
			c["aud"], c["azp"] = []string{"signet", "somebody"}, "signet"
		}},
		"other issuer":            {claims: with("iss", "https://evil.example.com"), want: federation.ErrUntrusted},
		"expired":                 {claims: with("exp", now.Add(-time.Second).Unix()), want: federation.ErrUntrusted},
		"no expiry":               {claims: func(_ *forger, c map[string]any) { delete(c, "exp") }, want: federation.ErrUntrusted},
		"of the future":           {claims: with("iat", now.Add(time.Hour).Unix()), want: federation.ErrUntrusted},
		"not yet valid":           {claims: with("nbf", now.Add(time.Hour).Unix()), want: federation.ErrUntrusted},
		"no subject":              {claims: with("sub", ""), userInfo: map[string]any{"sub": ""}, want: federation.ErrUntrusted},
		"wrong access token hash": {claims: with("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), want: federation.ErrUntrusted},
		"another key": {
			token: func(f *forger, c map[string]any) string { return f.signWith(other, c) }, want: federation.ErrUntrusted,
		},
		"alg none": {
			token: func(_ *forger, c map[string]any) string { return jwtInput("none", c) + "." }, want: federation.ErrUntrusted,
		},
		"HS256 with the public key": {token: func(f *forger, c map[string]any) string {
			public := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&f.key.PublicKey)})
			input := jwtInput("HS256", c)
			mac := hmac.New(sha256.New, public)
			mac.Write([]byte(input))
			return input + "." + encode(mac.Sum(nil))
		}, want: federation.ErrUntrusted},
		"changed after signing": {token: func(f *forger, c map[string]any) string {
			parts := strings.Split(f.sign(c), ".")
			c["sub"] = "admin"
			return strings.Split(jwtInput("RS256", c), ".")[0] + "." + strings.Split(jwtInput("RS256", c), ".")[1] + "." + parts[2]
		}, want: federation.ErrUntrusted},
		"no ID token":           {token: func(*forger, map[string]any) string { return "" }, want: federation.ErrUntrusted},
		"user info of another":  {userInfo: map[string]any{"sub": "bob", "email": "bob@example.com"}, want: federation.ErrUntrusted},
		"user info of nobody":   {userInfo: map[string]any{"email": "bob@example.com"}, want: federation.ErrUntrusted},
		"wrong issuer":          {answer: url.Values{"iss": {"https://evil.example.com"}}, want: federation.ErrUntrusted},
		"issuer promised":       {discovery: map[string]any{"authorization_response_iss_parameter_supported": true}, want: federation.ErrUntrusted},
		"refused":               {answer: url.Values{"error": {"access_denied"}}, want: federation.ErrDenied},
		"refused by another":    {answer: url.Values{"error": {"access_denied"}, "iss": {"https://evil.example.com"}}, want: federation.ErrUntrusted},
		"two codes":             {answer: url.Values{"code": {"another"}}, want: federation.ErrUntrusted},
		"two states":            {answer: url.Values{"state": {"another"}}, want: federation.ErrUntrusted},
		"symmetric only":        {discovery: map[string]any{"id_token_signing_alg_values_supported": []string{"HS256", "none"}}, want: federation.ErrConfig},
		"discovery of another":  {discovery: map[string]any{"issuer": "https://evil.example.com"}, want: federation.ErrConfig},
		"endpoint is no URL":    {discovery: map[string]any{"authorization_endpoint": "javascript:alert(1)"}, want: federation.ErrConfig},
		"user info differs":     {userInfo: map[string]any{"sub": "ada", "name": "Eve", "email": "ada@example.com"}},
		"code and error at all": {answer: url.Values{"error": {"<script>"}}, want: federation.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &forger{key: key, discovery: c.discovery, userInfo: c.userInfo, now: now}
			f.idToken = func(claims map[string]any) string {
				if c.claims != nil {
					c.claims(f, claims)
				}
				if c.token != nil {
					return c.token(f, claims)
				}
				return f.sign(claims)
			}
			if f.userInfo == nil {
				f.userInfo = map[string]any{"sub": "ada", "email": "ada@example.com"}
			}
			s := serveTLS(t, f.handler)
			p, err := newClientAt(func() time.Time { return now }, s).OIDC(federation.OIDCConfig{Issuer: s.URL, ClientID: "signet"})
			if err != nil {
				t.Fatal(err)
			}
			begun, err := p.Begin(t.Context(), federation.Begin{State: state, CallbackURL: callback})
			if err == nil {
				target, _ := url.Parse(begun.URL)
				f.nonce = target.Query().Get("nonce")
				answer := url.Values{"state": {state}, "code": {"code"}}
				for k, v := range c.answer {
					answer[k] = append(answer[k], v...)
				}
				var id federation.Identity
				if id, err = p.Finish(t.Context(), finish(begun, answer)); err == nil {
					// The signed name wins over the one that is only fetched.
					if id.ExternalID != "ada" || id.DisplayName != "Ada" || id.Email != "ada@example.com" || id.EmailVerified {
						t.Errorf("identity: %+v", id)
					}
				}
			}
			if c.want != nil {
				wantError(t, err, c.want)
			} else if err != nil {
				t.Fatal(err)
			}
			if err != nil && strings.ContainsAny(err.Error(), "<>") {
				t.Errorf("the text repeats the answer: %v", err)
			}
		})
	}
}

func TestTheStateIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	f := &forger{key: newRSA(t), now: time.Now()}
	s := serveTLS(t, f.handler)
	c := newClient(t, s)
	p, err := c.OIDC(federation.OIDCConfig{Issuer: s.URL, ClientID: "signet"})
	if err != nil {
		t.Fatal(err)
	}
	begun := begin(t, p)
	right := finish(begun, url.Values{"state": {state}, "code": {"code"}})
	for name, change := range map[string]func(*federation.Finish){
		"wrong state":      func(f *federation.Finish) { f.Answer = url.Values{"state": {"wrong"}, "code": {"code"}} },
		"no state":         func(f *federation.Finish) { f.Answer = url.Values{"code": {"code"}} },
		"both empty":       func(f *federation.Finish) { f.State, f.Answer = "", url.Values{"state": {""}, "code": {"code"}} },
		"another callback": func(f *federation.Finish) { f.CallbackURL = "https://elsewhere.example.com" },
		"another flow":     func(f *federation.Finish) { f.Flow = []byte(`{"kind":"saml"}`) },
		"no flow":          func(f *federation.Finish) { f.Flow = nil },
	} {
		changed := right
		change(&changed)
		if _, err := p.Finish(t.Context(), changed); !errors.Is(err, federation.ErrUntrusted) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if f.token != nil {
		t.Error("the token endpoint was asked")
	}
	elsewhere, err := c.OIDC(federation.OIDCConfig{Issuer: s.URL + "/other", ClientID: "signet"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = elsewhere.Finish(t.Context(), right)
	wantError(t, err, federation.ErrUntrusted)
}

func TestSignInWithAMadeSecret(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{key: newRSA(t), now: time.Now()}
	f.idToken = f.sign
	s := serveTLS(t, f.handler)
	template, ok := federation.Preset("apple")
	if !ok {
		t.Fatal("no preset")
	}
	config := *template.OIDC
	config.Issuer, config.ClientID, config.IDTokenOnly = s.URL, "signet", true
	config.SecretKey.TeamID, config.SecretKey.KeyID = "TEAM", "KEY"
	config.SecretKey.Key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	p, err := newClient(t, s).OIDC(config)
	if err != nil {
		t.Fatal(err)
	}
	begun := begin(t, p)
	target, _ := url.Parse(begun.URL)
	if target.Query().Get("response_mode") != "form_post" || target.Query().Has("client_secret") {
		t.Errorf("authorization request: %v", target.Query())
	}
	f.nonce = target.Query().Get("nonce")
	id, err := p.Finish(t.Context(), finish(begun, url.Values{
		"state": {state}, "code": {"code"}, "user": {`{"name":{"firstName":"Ada","lastName":"King"},"email":"eve@example.com"}`},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if id.ExternalID != "ada" || id.GivenName != "Ada" || id.FamilyName != "King" || id.Email != "" {
		t.Errorf("identity: %+v", id)
	}
	secret := strings.Split(f.token.Get("client_secret"), ".")
	if len(secret) != 3 {
		t.Fatalf("client secret %q", secret)
	}
	var header, claims map[string]any
	for i, into := range []*map[string]any{&header, &claims} {
		part, err := base64.RawURLEncoding.DecodeString(secret[i])
		if err != nil || json.Unmarshal(part, into) != nil {
			t.Fatal("the client secret is not a JWT")
		}
	}
	if header["alg"] != "ES256" || header["kid"] != "KEY" || claims["iss"] != "TEAM" || claims["sub"] != "signet" {
		t.Errorf("client secret: %v %v", header, claims)
	}
	signature, err := base64.RawURLEncoding.DecodeString(secret[2])
	if err != nil || len(signature) != 64 {
		t.Fatal("the signature of the client secret is malformed")
	}
	digest := sha256.Sum256([]byte(secret[0] + "." + secret[1]))
	if !ecdsa.Verify(&private.PublicKey, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the client secret is not signed with the key")
	}
}
