package avatar_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/call"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	pictures "github.com/signet-iam/signet/command/avatar"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	tenant = "default"
	base   = "https://signet.example.com"
)

// server serves pictures; whoever a request's Authorization names is the caller.
type server struct {
	*httptest.Server

	users *user.Service
}

func newServer(t *testing.T) *server {
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
	rt := command.Runtime{
		Store: store, Vault: keys, Codec: messages, Now: time.Now, NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) }, Random: rand.Reader,
	}
	states, err := user.NewExecutor(rt)
	must(t, err)
	for _, id := range []string{"ann", "a/b c"} {
		_, _, err = states.Execute(t.Context(), command.Call[user.State]{
			Tenant: tenant, ID: id, Actor: "test",
			Decide: func(context.Context, *command.Snapshot[user.State]) (command.Decision, error) {
				d := command.Decision{Owner: "o1", Subject: id}
				d.Add(rt.NewID(), &eventv1.UserHumanAdded{OrganizationId: "o1", Username: id})
				return d, nil
			},
		})
		must(t, err)
	}
	s := &server{users: user.New(user.Dependencies{Runtime: rt, Users: states})}
	handler := avatar.New(avatar.Config{
		Users: s.users, Addresses: avatar.NewAddresses(base + "/"), Tenant: func(*http.Request) string { return tenant }, Logger: zerolog.Nop(),
	})
	s.Server = httptest.NewServer(as(handler))
	t.Cleanup(s.Close)
	return s
}

// as stands in for the authentication.
func as(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call.Call{}
		if id := r.Header.Get("Authorization"); id != "" {
			c.Caller = permission.NewCaller(permission.Identity{Tenant: tenant, UserID: id, Organization: "o1"})
		}
		next.ServeHTTP(w, r.WithContext(call.With(r.Context(), c)))
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// picture is one of a size, so that sizes make different ones.
func picture(t *testing.T, width int) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, png.Encode(&out, image.NewPaletted(image.Rect(0, 0, width, 1), color.Palette{color.White})))
	return out.Bytes()
}

// do sends a request and returns the answer with its body read.
func (s *server) do(t *testing.T, method, path string, body []byte, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(body))
	must(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(req)
	must(t, err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer, string(read)
}

// put uploads a picture and returns the path of its address.
func (s *server) put(t *testing.T, id string, data []byte) string {
	t.Helper()
	answer, body := s.do(t, http.MethodPut, avatar.UploadPath, data, "Authorization", id, "Content-Type", "text/html")
	var told struct{ AvatarURL string }
	must(t, json.Unmarshal([]byte(body), &told))
	path, ours := strings.CutPrefix(told.AvatarURL, base)
	if answer.StatusCode != http.StatusOK || !ours || answer.Header.Get("Signet-Position") == "" {
		t.Fatalf("put: %s %s %v", answer.Status, body, answer.Header)
	}
	return path
}

func TestAPictureIsShownAsWhatItIs(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, id := range []string{"ann", "a/b c"} {
		data := picture(t, 3)
		path := s.put(t, id, data)
		answer, body := s.do(t, http.MethodGet, path, nil)
		sum := sha256.Sum256(data)
		if answer.StatusCode != http.StatusOK || body != string(data) {
			t.Fatalf("%s: %s, %d bytes", id, answer.Status, len(body))
		}
		for name, want := range map[string]string{
			"Content-Type": "image/png", "ETag": `"` + hex.EncodeToString(sum[:]) + `"`, "Cache-Control": "private, max-age=86400",
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", id, name, got, want)
			}
		}
		again, body := s.do(t, http.MethodGet, path, nil, "If-None-Match", answer.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("%s: who has it already gets %s", id, again.Status)
		}
		head, body := s.do(t, http.MethodHead, path, nil)
		if head.StatusCode != http.StatusOK || body != "" || head.ContentLength != int64(len(data)) {
			t.Errorf("%s: HEAD: %s", id, head.Status)
		}
	}
}

func TestOnlyThePresentPictureIsShown(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	first := s.put(t, "ann", picture(t, 1))
	second := s.put(t, "ann", picture(t, 2))
	if again := s.put(t, "ann", picture(t, 2)); again != second {
		t.Errorf("the same picture at %s and %s", second, again)
	}
	digest := second[strings.LastIndex(second, "/")+1:]
	for _, path := range []string{
		first, strings.Replace(second, "/ann/", "/bob/", 1), strings.Replace(second, digest, strings.ToUpper(digest), 1),
		second[:len(second)-1], second + "0", "/assets/v1/users/ann/avatar/" + strings.Repeat("g", 64), "/assets/v1/users/%23x/avatar/" + digest,
		"/assets/v1/users/%00/avatar/" + digest,
	} {
		answer, body := s.do(t, http.MethodGet, path, nil)
		if answer.StatusCode != http.StatusNotFound || body != "not found\n" || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %q %v", path, answer.Status, body, answer.Header)
		}
	}
	caller := permission.NewCaller(permission.Identity{Tenant: tenant, UserID: "ann", Organization: "o1"})
	_, err := s.users.RemoveAvatar(t.Context(), caller, "ann")
	must(t, err)
	if answer, _ := s.do(t, http.MethodGet, second, nil, "If-None-Match", `"`+digest+`"`); answer.StatusCode != http.StatusNotFound {
		t.Errorf("after it was removed: %s", answer.Status)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, c := range []struct {
		name, as, method string
		body             []byte
		status           int
		reason           string
	}{
		{"nobody", "", http.MethodPut, picture(t, 1), http.StatusUnauthorized, "UNAUTHENTICATED"},
		{"another method", "ann", http.MethodPost, picture(t, 1), http.StatusMethodNotAllowed, ""},
		{"no body", "ann", http.MethodPut, nil, http.StatusBadRequest, pictures.ErrFormat.Reason},
		{"a page", "ann", http.MethodPut, []byte("<script>"), http.StatusBadRequest, pictures.ErrFormat.Reason},
		{"too large", "ann", http.MethodPut, make([]byte, pictures.MaxBytes+1), http.StatusBadRequest, pictures.ErrTooLarge.Reason},
		{"too wide", "ann", http.MethodPut, picture(t, 5000), http.StatusBadRequest, pictures.ErrSides.Reason},
		{"somebody who is gone", "bob", http.MethodPut, picture(t, 1), http.StatusNotFound, user.ErrNotFound.Reason},
	} {
		answer, body := s.do(t, c.method, avatar.UploadPath, c.body, "Authorization", c.as, "Content-Type", "image/png")
		if answer.StatusCode != c.status {
			t.Errorf("%s: %s %s", c.name, answer.Status, body)
		}
		var told struct {
			Details []struct{ Debug struct{ Reason string } }
		}
		if c.reason == "" {
			continue
		}
		if err := json.Unmarshal([]byte(body), &told); err != nil || len(told.Details) == 0 || told.Details[0].Debug.Reason != c.reason {
			t.Errorf("%s: %s, %v", c.name, body, err)
		}
	}
	if _, err := s.users.Avatar(t.Context(), tenant, "ann", [32]byte{}); !errors.Is(err, user.ErrAvatarNotFound) {
		t.Errorf("a refused upload left something: %v", err)
	}
}
