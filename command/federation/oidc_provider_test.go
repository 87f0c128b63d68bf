package federation_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// newOpenIDProvider serves a complete provider of another make, with one user and one client. Signing in takes no page: who is
// sent there is that user.
func newOpenIDProvider(t *testing.T) *httptest.Server {
	t.Helper()
	return serveTLS(t, func(base string) http.Handler {
		const client, secret = "signet", "client-secret"
		users := storage.NewUserStore(base)
		store := storage.NewStorageWithClients(users, map[string]*storage.Client{client: storage.WebClient(client, secret, callback)})
		provider, err := op.NewProvider(&op.Config{CryptoKey: sha256.Sum256([]byte("test")), CodeMethodS256: true, AuthMethodPost: true},
			store, op.StaticIssuer(base), op.WithLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.Handle("/", provider)
		mux.Handle("/login/", op.NewIssuerInterceptor(provider.IssuerFromRequest).HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := r.URL.Query().Get("authRequestID")
			if err := store.CheckUsernamePassword("test-user2", "verysecure", id); err != nil {
				http.Error(w, err.Error(), http.StatusForbidden)
				return
			}
			http.Redirect(w, r, op.AuthCallbackURL(provider)(r.Context(), id), http.StatusFound)
		}))
		return mux
	})
}

// browse follows a URL as a browser does and returns what arrives at the callback.
func browse(t *testing.T, s *httptest.Server, target string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var answer url.Values
	browser := *s.Client()
	browser.Jar = jar
	browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			answer = r.URL.Query()
			return http.ErrUseLastResponse
		}
		return nil
	}
	res, err := browser.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if answer == nil {
		t.Fatalf("the provider answers %s and does not come back", res.Status)
	}
	return answer
}

// forger is a provider whose answers a test makes up.
type forger struct {
	key       *rsa.PrivateKey
	discovery map[string]any
	idToken   func(claims map[string]any) string
	userInfo  map[string]any
	now       time.Time
	nonce     string
	token     url.Values // of the last request to the token endpoint
}

func (f *forger) handler(base string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		d := map[string]any{
			"issuer": base, "authorization_endpoint": base + "/auth", "token_endpoint": base + "/token", "jwks_uri": base + "/keys",
			"userinfo_endpoint": base + "/userinfo", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		}
		maps.Copy(d, f.discovery)
		writeJSON(w, d)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "kid": "1", "use": "sig", "n": encode(f.key.N.Bytes()), "e": encode(big.NewInt(int64(f.key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.token = r.PostForm
		claims := map[string]any{
			"iss": base, "aud": "signet", "sub": "ada", "nonce": f.nonce, "name": "Ada",
			"iat": f.now.Unix(), "exp": f.now.Add(time.Minute).Unix(),
		}
		writeJSON(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": f.idToken(claims)})
	})
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, f.userInfo) })
	return mux
}

func (f *forger) sign(claims map[string]any) string {
	return f.signWith(f.key, claims)
}

func (f *forger) signWith(key *rsa.PrivateKey, claims map[string]any) string {
	input := jwtInput("RS256", claims)
	digest := sha256.Sum256([]byte(input))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return input + "." + encode(signature)
}

func jwtInput(algorithm string, claims map[string]any) string {
	header, _ := json.Marshal(map[string]string{"alg": algorithm, "kid": "1"})
	body, _ := json.Marshal(claims)
	return encode(header) + "." + encode(body)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func newRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
