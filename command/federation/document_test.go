package federation_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/federation"
)

// A file is read where it is, and nowhere else.
func TestFile(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("token")) })
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat("x", 1<<16))) })
	mux.Handle("/moved", http.RedirectHandler("/token", http.StatusFound))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	options := federation.Options{Now: time.Now, Random: rand.Reader, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	allowed := federation.New(options)
	file, err := allowed.File(t.Context(), server.URL+"/token")
	if err != nil || string(file) != "token" {
		t.Errorf("%q, %v", file, err)
	}
	if file, err := allowed.File(t.Context(), server.URL+"/long"); err != nil || len(file) != 4096 {
		t.Errorf("%d bytes of a long one, %v", len(file), err)
	}
	for _, path := range []string{"/moved", "/none", "\x00"} {
		if file, err := allowed.File(t.Context(), server.URL+path); err == nil {
			t.Errorf("%q: %q", path, file)
		}
	}
	options.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("10.9.8.7/32")}
	if _, err := federation.New(options).File(t.Context(), server.URL+"/token"); !errors.Is(err, federation.ErrBlockedAddress) {
		t.Errorf("at an address that is not public: %v", err)
	}
}
