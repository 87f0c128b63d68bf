package federation_test

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"testing"

	"github.com/signet-iam/signet/command/federation"
)

// authorizationServer is a provider of plain OAuth 2.0 that knows one code and holds it to PKCE.
type authorizationServer struct {
	challenge string
	used      bool
}

func (a *authorizationServer) handler(string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if r.PostForm.Get("client_secret") != "client-secret" {
			// Some providers refuse with the status of success.
			writeJSON(w, map[string]string{"error": "incorrect_client_credentials"})
			return
		}
		verifier := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if a.used || r.PostForm.Get("code") != "code" || encode(verifier[:]) != a.challenge {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			writeJSON(w, map[string]string{"error": "invalid_grant"})
			return
		}
		a.used = true
		writeJSON(w, map[string]string{"access_token": "access", "token_type": "bearer", "refresh_token": "refresh"})
	})
	mux.HandleFunc("GET /user", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		writeJSON(w, map[string]any{
			"id": 4242, "login": "ada", "name": "Ada King", "email": nil, "emails": []any{map[string]any{"address": "ada@example.com", "sure": true}},
		})
	})
	return mux
}

func TestSignInWithOAuth2(t *testing.T) {
	t.Parallel()
	a := &authorizationServer{}
	s := serveTLS(t, a.handler)
	template, _ := federation.Preset("github")
	config := *template.OAuth2
	config.AuthorizationURL, config.TokenURL, config.UserInfoURL = s.URL+"/authorize", s.URL+"/token", s.URL+"/user"
	config.ClientID, config.ClientSecret = "signet", "client-secret"
	config.Mapping.Email, config.Mapping.EmailVerified = "emails.0.address", "emails.0.sure"
	c := newClient(t, s)
	p, err := c.OAuth2(config)
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
	if target.Query().Get("state") != state || target.Query().Get("code_challenge_method") != "S256" {
		t.Errorf("authorization request: %v", target.Query())
	}
	a.challenge = target.Query().Get("code_challenge")
	answer := url.Values{"state": {state}, "code": {"code"}}

	_, err = p.Finish(t.Context(), finish(begin(t, p), answer))
	wantError(t, err, federation.ErrDenied) // the code belongs to another verifier
	id, err := p.Finish(t.Context(), finish(begun, answer))
	if err != nil {
		t.Fatal(err)
	}
	if id.ExternalID != "4242" || id.Username != "ada" || id.DisplayName != "Ada King" || id.Email != "ada@example.com" ||
		!id.EmailVerified || id.AccessToken != "access" || id.RefreshToken != "refresh" {
		t.Errorf("identity: %+v", id)
	}
	_, err = p.Finish(t.Context(), finish(begun, url.Values{"state": {"another"}, "code": {"code"}}))
	wantError(t, err, federation.ErrUntrusted)
	_, err = p.Finish(t.Context(), finish(begun, url.Values{"state": {state}, "error": {"access_denied"}}))
	wantError(t, err, federation.ErrDenied)

	config.ClientSecret = "wr0ng"
	p, err = c.OAuth2(config)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, p.Test(t.Context()), federation.ErrConfig)
}

// A redirect of the token endpoint would hand the client secret to whoever it names.
func TestTheTokenEndpointIsNotRedirected(t *testing.T) {
	t.Parallel()
	asked := false
	s := serveTLS(t, func(string) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/token", http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect))
		mux.HandleFunc("/elsewhere", func(http.ResponseWriter, *http.Request) { asked = true })
		return mux
	})
	p, err := newClient(t, s).OAuth2(federation.OAuth2Config{
		AuthorizationURL: s.URL + "/authorize", TokenURL: s.URL + "/token", UserInfoURL: s.URL + "/user", ClientID: "signet", ClientSecret: "x",
	})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, p.Test(t.Context()), federation.ErrUnreachable)
	if asked {
		t.Error("the redirect was followed")
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, name := range federation.Presets() {
		template, ok := federation.Preset(name)
		if !ok {
			t.Fatalf("%s is no preset", name)
		}
		if template.Place != "" {
			template = template.At(map[string]string{"tenant": "00000000-0000-0000-0000-000000000000"}[template.Place])
		}
		switch {
		case template.OAuth2 != nil:
			template.OAuth2.ClientID = "signet"
			if _, err := c.OAuth2(*template.OAuth2); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case name == "apple": // TestSignInWithAMadeSecret
		default:
			template.OIDC.ClientID = "signet"
			if _, err := c.OIDC(*template.OIDC); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	own, _ := federation.Preset("github")
	if got := own.At("https://github.example.com/").OAuth2.UserInfoURL; got != "https://github.example.com/api/v3/user" {
		t.Errorf("user info of an own GitHub: %s", got)
	}
	if _, ok := federation.Preset("nobody"); ok {
		t.Error("a preset nobody made")
	}
}
