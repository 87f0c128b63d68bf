package federationtest

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// What the provider knows of its one user.
const (
	ExternalID = "id2"
	Username   = "test-user2"
	FamilyName = "User2"
)

// OpenIDProvider is a provider of OpenID Connect at an address of this machine, without TLS.
type OpenIDProvider struct {
	Issuer       string
	ClientID     string
	ClientSecret string

	callback  string
	exchanges atomic.Int32
}

// Exchanges returns how often a code was brought to the provider.
func (p *OpenIDProvider) Exchanges() int { return int(p.exchanges.Load()) }

// NewOpenIDProvider serves a provider with one client, whose callback this is, until the test ends.
func NewOpenIDProvider(t testing.TB, callback string) *OpenIDProvider {
	t.Helper()
	p := &OpenIDProvider{ClientID: "signet", ClientSecret: "a-client-secret", callback: callback}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == op.DefaultEndpoints.Token.Relative() {
			p.exchanges.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.Issuer = server.URL
	handler = p.handler(t)
	return p
}

func (p *OpenIDProvider) handler(t testing.TB) http.Handler {
	t.Helper()
	clients := map[string]*storage.Client{p.ClientID: storage.WebClient(p.ClientID, p.ClientSecret, p.callback)}
	store := storage.NewStorageWithClients(storage.NewUserStore(p.Issuer), clients)
	provider, err := op.NewProvider(&op.Config{CryptoKey: sha256.Sum256([]byte("test")), CodeMethodS256: true, AuthMethodPost: true},
		store, op.StaticIssuer(p.Issuer), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	login := func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("authRequestID")
		if err := store.CheckUsernamePassword(Username, "verysecure", id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, op.AuthCallbackURL(provider)(r.Context(), id), http.StatusFound)
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.Handle("/login/", op.NewIssuerInterceptor(provider.IssuerFromRequest).HandlerFunc(login))
	return mux
}

// SignIn follows a URL as a browser does, up to the callback, whose URL it returns. The callback itself is not called.
func (p *OpenIDProvider) SignIn(t testing.TB, target string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	arrived := ""
	browser := http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), p.callback) {
			arrived = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if arrived == "" {
		t.Fatalf("the provider answers %s and does not come back", answer.Status)
	}
	return arrived
}
