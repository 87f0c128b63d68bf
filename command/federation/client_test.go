package federation_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/federation"
)

const (
	callback = "https://signet.example/idps/callback"
	state    = "state-of-this-sign-in"
)

// loopback is what tests speak to.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func newClient(t *testing.T, servers ...*httptest.Server) *federation.Client {
	t.Helper()
	return newClientAt(time.Now, servers...)
}

func newClientAt(now func() time.Time, servers ...*httptest.Server) *federation.Client {
	roots := x509.NewCertPool()
	for _, s := range servers {
		roots.AddCert(s.Certificate())
	}
	return federation.New(federation.Options{Now: now, Random: rand.Reader, AllowPrivate: loopback(), RootCAs: roots})
}

// serveTLS serves a handler that may need to know its own URL.
func serveTLS(t *testing.T, handler func(base string) http.Handler) *httptest.Server {
	t.Helper()
	var h http.Handler
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	h = handler(s.URL)
	return s
}

func begin(t *testing.T, p federation.Redirecting) federation.Begun {
	t.Helper()
	begun, err := p.Begin(t.Context(), federation.Begin{State: state, CallbackURL: callback, LoginHint: "ada@example.com"})
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return begun
}

func finish(begun federation.Begun, answer url.Values) federation.Finish {
	return federation.Finish{Flow: begun.Flow, CallbackURL: callback, State: state, Answer: answer}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// The URL is what an administrator may write, or a foreign document may say.
func TestRequestsToOtherThanPublicAddresses(t *testing.T) {
	t.Parallel()
	c := federation.New(federation.Options{Now: time.Now, Random: rand.Reader, Timeout: 5 * time.Second})
	for _, host := range []string{
		"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
		"[::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fd00::1]", "[64:ff9b::a00:1]", "[2002:a00:1::1]",
		"localhost", "2130706433", "0x7f.1",
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			p, err := c.OIDC(federation.OIDCConfig{Issuer: "https://" + host, ClientID: "signet"})
			if err != nil {
				t.Fatal(err)
			}
			err = p.Test(t.Context())
			if host == "2130706433" || host == "0x7f.1" {
				// Not addresses to Go, and names only to a resolver that is generous: never a connection.
				if !errors.Is(err, federation.ErrUnreachable) && !errors.Is(err, federation.ErrBlockedAddress) {
					t.Fatalf("got error %v", err)
				}
				return
			}
			wantError(t, err, federation.ErrBlockedAddress)
		})
	}
}

func TestServersAtBlockedAddressesSeeNoConnection(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 10)
	s := serveTLS(t, func(string) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} })
	})
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c := federation.New(federation.Options{Now: time.Now, Random: rand.Reader, RootCAs: roots})
	p, err := c.OIDC(federation.OIDCConfig{Issuer: s.URL, ClientID: "signet"})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, p.Test(t.Context()), federation.ErrBlockedAddress)
	select {
	case <-reached:
		t.Fatal("the server was asked")
	default:
	}
}

func TestWhatIsNotFollowedOrRead(t *testing.T) {
	t.Parallel()
	discovery := func(base, path string) map[string]any {
		return map[string]any{
			"issuer": base + path, "authorization_endpoint": base + "/auth", "token_endpoint": base + "/token", "jwks_uri": base + "/keys",
		}
	}
	var plain *httptest.Server
	s := serveTLS(t, func(base string) http.Handler {
		plain = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, discovery(base, "/plain")) }))
		t.Cleanup(plain.Close)
		mux := http.NewServeMux()
		mux.Handle("/private/", http.RedirectHandler("https://10.0.0.1/", http.StatusFound))
		mux.Handle("/metadata/", http.RedirectHandler("https://169.254.169.254/latest/", http.StatusFound))
		mux.Handle("/plain/", http.RedirectHandler(plain.URL, http.StatusFound))
		mux.Handle("/file/", http.RedirectHandler("file:///etc/hostname", http.StatusFound))
		hop := func(path string, count int) {
			mux.HandleFunc(path+"/", func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == path+"/"+strings.Repeat("x", count) {
					writeJSON(w, discovery(base, path))
					return
				}
				next := path + "/x"
				if !strings.HasPrefix(r.URL.Path, path+"/.") {
					next = r.URL.Path + "x"
				}
				http.Redirect(w, r, next, http.StatusFound)
			})
		}
		hop("/three", 3)
		hop("/four", 4)
		mux.HandleFunc("/large/", func(w http.ResponseWriter, _ *http.Request) {
			d := discovery(base, "/large")
			d["padding"] = strings.Repeat("x", 1<<20)
			writeJSON(w, d)
		})
		return mux
	})
	c := newClient(t, s)
	for path, want := range map[string]error{
		"/three":    nil,
		"/four":     federation.ErrUnreachable,
		"/private":  federation.ErrBlockedAddress,
		"/metadata": federation.ErrBlockedAddress,
		"/plain":    federation.ErrUnreachable,
		"/file":     federation.ErrUnreachable,
		"/large":    federation.ErrUnreachable,
		"/nothing":  federation.ErrUnreachable,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			p, err := c.OIDC(federation.OIDCConfig{Issuer: s.URL + path, ClientID: "signet"})
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Begin(t.Context(), federation.Begin{State: state, CallbackURL: callback})
			if want == nil && err != nil {
				t.Fatal(err)
			}
			wantError(t, err, want)
		})
	}
}

// A foreign document cannot lead where an administrator could not.
func TestDiscoveryThatPointsInside(t *testing.T) {
	t.Parallel()
	s := serveTLS(t, func(base string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, map[string]any{
				"issuer": base, "authorization_endpoint": base + "/auth", "token_endpoint": "https://192.168.1.1/token",
				"jwks_uri": "https://192.168.1.1/keys",
			})
		})
	})
	p, err := newClient(t, s).OIDC(federation.OIDCConfig{Issuer: s.URL, ClientID: "signet"})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, p.Test(t.Context()), federation.ErrBlockedAddress)
	_, err = p.Finish(t.Context(), finish(begin(t, p), url.Values{"state": {state}, "code": {"any"}}))
	wantError(t, err, federation.ErrBlockedAddress)
}

func TestWithoutTLSOnlyWhereAllowed(t *testing.T) {
	t.Parallel()
	strict := federation.New(federation.Options{Now: time.Now, Random: rand.Reader})
	_, err := strict.OIDC(federation.OIDCConfig{Issuer: "http://idp.example.com", ClientID: "signet"})
	wantError(t, err, federation.ErrConfig)

	// Allowing one network does not allow http to the rest of the world.
	lab := federation.New(federation.Options{Now: time.Now, Random: rand.Reader, AllowPrivate: loopback()})
	p, err := lab.OIDC(federation.OIDCConfig{Issuer: "http://8.8.8.8", ClientID: "signet"})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, p.Test(t.Context()), federation.ErrBlockedAddress)
}

func TestAnEndedContextIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := serveTLS(t, func(string) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
	})
	t.Cleanup(func() { close(release) })
	p, err := newClient(t, s).OIDC(federation.OIDCConfig{Issuer: s.URL, ClientID: "signet"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	wantError(t, p.Test(ctx), federation.ErrUnreachable)
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	t.Parallel()
	c := federation.New(federation.Options{Now: time.Now, Random: rand.Reader})
	microsoft, _ := federation.Preset("microsoft")
	microsoft.OIDC.ClientID = "signet"
	for name, make := range map[string]func() error{
		"no issuer":       func() error { _, err := c.OIDC(federation.OIDCConfig{ClientID: "signet"}); return err },
		"no client id":    func() error { _, err := c.OIDC(federation.OIDCConfig{Issuer: "https://idp.example.com"}); return err },
		"relative issuer": func() error { _, err := c.OIDC(federation.OIDCConfig{Issuer: "idp", ClientID: "signet"}); return err },
		"password in URL": func() error {
			_, err := c.OIDC(federation.OIDCConfig{Issuer: "https://user:secret@idp.example.com", ClientID: "signet"})
			return err
		},
		"tenant missing":    func() error { _, err := c.OIDC(*microsoft.OIDC); return err },
		"no user info":      func() error { _, err := c.OAuth2(federation.OAuth2Config{ClientID: "signet"}); return err },
		"no metadata":       func() error { _, err := c.SAML(federation.SAMLConfig{EntityID: "signet"}); return err },
		"no server":         func() error { _, err := c.LDAP(federation.LDAPConfig{BaseDN: "dc=example"}); return err },
		"directory by HTTP": func() error { _, err := c.LDAP(federation.LDAPConfig{Servers: []string{"https://ldap"}}); return err },
		"directory in clear": func() error {
			_, err := c.LDAP(federation.LDAPConfig{Servers: []string{"ldap://ldap.example.com"}, BaseDN: "dc=example"})
			return err
		},
		"filter with a filter in it": func() error {
			_, err := c.LDAP(federation.LDAPConfig{Servers: []string{"ldaps://l"}, BaseDN: "dc=example", UserFilters: []string{"uid=*)(cn"}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := make()
			wantError(t, err, federation.ErrConfig)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the text tells a secret: %v", err)
			}
		})
	}
}
