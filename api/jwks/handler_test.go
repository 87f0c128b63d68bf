package jwks_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/api/jwks"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// installation returns what signs tokens, and the log behind it.
func installation(t *testing.T) (*accesstoken.Service, *eventstore.Store) {
	t.Helper()
	store, err := eventstore.Open(context.Background(), storetest.NewDatabase(t), eventstore.Options{})
	must(t, err)
	t.Cleanup(store.Close)
	ring, err := vault.NewRing()
	must(t, err)
	keys, err := vault.New(ring, store)
	must(t, err)
	messages, err := codec.New(keys)
	must(t, err)
	rt := command.Runtime{Store: store, Vault: keys, Codec: messages, Now: time.Now, NewID: uuid.New, Random: rand.Reader}
	states, err := accesstoken.NewExecutor(rt)
	must(t, err)
	return accesstoken.New(accesstoken.Dependencies{
		Runtime: rt, Keys: states, Tenant: "default", Issuer: "https://signet.example.com", Life: time.Minute, Rotate: 30 * 24 * time.Hour,
	}), store
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ask sends a request, and returns the answer with its body read.
func ask(t *testing.T, url, method string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	must(t, err)
	req.Header = header
	answer, err := http.DefaultClient.Do(req)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer, string(body)
}

func TestTheKeySet(t *testing.T) {
	t.Parallel()
	tokens, _ := installation(t)
	server := httptest.NewServer(jwks.New(tokens, zerolog.Nop()))
	t.Cleanup(server.Close)
	url := server.URL + jwks.Path

	first, body := ask(t, url, http.MethodGet, nil)
	etag := first.Header.Get("ETag")
	if first.StatusCode != http.StatusOK || first.Header.Get("Content-Type") != "application/jwk-set+json" ||
		first.Header.Get("Cache-Control") != "public, max-age=300" || len(etag) < 10 {
		t.Fatalf("%s, %v", first.Status, first.Header)
	}
	var set struct{ Keys []map[string]string }
	must(t, json.Unmarshal([]byte(body), &set))
	if len(set.Keys) != 1 {
		t.Fatalf("%d keys", len(set.Keys))
	}
	for name, want := range map[string]string{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig"} {
		if set.Keys[0][name] != want {
			t.Errorf("%s is %q", name, set.Keys[0][name])
		}
	}
	if _, private := set.Keys[0]["d"]; private || len(set.Keys[0]) != 7 {
		t.Errorf("a key has %d members, private: %v", len(set.Keys[0]), private)
	}
	if known, body := ask(t, url, http.MethodGet, http.Header{"If-None-Match": {etag}}); known.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("known already: %s, %q", known.Status, body)
	}
	if stale, body := ask(t, url, http.MethodGet, http.Header{"If-None-Match": {`"other"`}}); stale.StatusCode != http.StatusOK || body == "" {
		t.Errorf("known otherwise: %s", stale.Status)
	}
	if head, body := ask(t, url, http.MethodHead, nil); head.StatusCode != http.StatusOK || body != "" || head.Header.Get("ETag") != etag {
		t.Errorf("HEAD: %s, %q", head.Status, body)
	}
	if post, _ := ask(t, url, http.MethodPost, nil); post.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", post.Status)
	}
}

// A client of another make verifies tokens with the published keys.
func TestClientsVerifyTokens(t *testing.T) {
	t.Parallel()
	tokens, _ := installation(t)
	server := httptest.NewServer(jwks.New(tokens, zerolog.Nop()))
	t.Cleanup(server.Close)
	token, err := tokens.Issue(t.Context(), accesstoken.Subject{UserID: "minnie", SessionID: "s"})
	must(t, err)
	client := oidc.NewRemoteKeySet(t.Context(), server.URL+jwks.Path)
	payload, err := client.VerifySignature(t.Context(), token.Value)
	if err != nil || !strings.Contains(string(payload), `"sub":"minnie"`) {
		t.Errorf("%s, %v", payload, err)
	}
	parts := strings.Split(token.Value, ".")
	if _, err := client.VerifySignature(t.Context(), parts[0]+"."+parts[1]+"."+strings.Repeat("A", 86)); err == nil {
		t.Error("the client verifies nothing")
	}
}

func TestALogOutOfReach(t *testing.T) {
	t.Parallel()
	tokens, store := installation(t)
	store.Close()
	recorder := httptest.NewRecorder()
	jwks.New(tokens, zerolog.Nop()).ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, jwks.Path, nil))
	if recorder.Code != http.StatusServiceUnavailable || recorder.Header().Get("Cache-Control") != "no-store" || recorder.Header().Get("ETag") != "" {
		t.Errorf("%d, %v", recorder.Code, recorder.Header())
	}
}
