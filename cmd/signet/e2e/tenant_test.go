package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	auditv1 "github.com/signet-iam/signet/api/gen/signet/audit/v1"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	"github.com/signet-iam/signet/api/gen/signet/authentication/v1/authenticationv1connect"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// at sends requests to a host name, wherever that leads.
type at struct {
	host string
	next http.RoundTripper
}

func (a at) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = a.host
	return a.next.RoundTrip(r)
}

// httpAt is an HTTP client that asks for a host name.
func (n *server) httpAt(host, token string) *http.Client {
	n.t.Helper()
	c := httpClient(n.t, token, false)
	return &http.Client{Transport: at{host, c.Transport}}
}

func (n *server) clientAt(host, token string) *client {
	n.t.Helper()
	return newClient(n.httpAt(host, token), n.url())
}

// tenantToken is the token of a tenant's administrator, which nobody but its owner can read.
func (n *server) tenantToken(name string) string {
	n.t.Helper()
	path := filepath.Join(n.dir, "tenants", name, "admin.pat")
	info, err := os.Stat(path)
	if err != nil {
		n.t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		n.t.Errorf("%s has mode %v", path, info.Mode())
	}
	token, err := os.ReadFile(path)
	if err != nil {
		n.t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

// loginAt signs in with the first password at a host name.
func (n *server) loginAt(t *testing.T, host, email string) *authenticationv1.Token {
	t.Helper()
	visitor := &visitor{authentication: authenticationv1connect.NewAuthenticationServiceClient(n.httpAt(host, ""), n.url())}
	res, err := visitor.login(t.Context(), withEmail(email), firstPassword)
	return must(t, res, err).GetToken()
}

// keysAt returns the ids of the keys that are published at a host name.
func (n *server) keysAt(t *testing.T, host string) (ids []string) {
	t.Helper()
	res, err := n.httpAt(host, "").Get(n.url() + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var set struct {
		Keys []struct {
			ID string `json:"kid"`
		} `json:"keys"`
	}
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	for _, key := range set.Keys {
		ids = append(ids, key.ID)
	}
	return ids
}

// Two tenants on one server see nothing of each other.
func TestTenants(t *testing.T) {
	t.Parallel()
	n := start(t, settings{args: []string{"--trusted-proxies", "127.0.0.0/8"}})
	const host, elsewhere = "acme.localhost", "localhost"
	out := n.signet("tenant", "create", "acme", "--host", host, "--host", "id.acme.example").succeeds()
	if !strings.Contains(out, filepath.Join("tenants", "acme", "admin.pat")) {
		t.Errorf("create says %q", out)
	}
	token := n.tenantToken("acme")
	acme, other := n.clientAt(host, token), n.clientAt(elsewhere, n.token())
	eventually(t, "the new tenant", func() error {
		_, err := acme.users.ListUsers(t.Context(), &userv2.ListUsersRequest{})
		return err
	})
	for name, test := range map[string]func(*testing.T){
		"tokens are good in their tenant only": func(t *testing.T) {
			for host, token := range map[string]string{host: n.token(), "id.acme.example:8080": n.token(), elsewhere: token, "unknown.example": token} {
				_, err := n.clientAt(host, token).users.ListUsers(t.Context(), &userv2.ListUsersRequest{})
				wantCode(t, "the token of another tenant at "+host, err, connect.CodeUnauthenticated)
			}
		},
		"the same names and ids": func(t *testing.T) {
			request := verified("ada@example.com")
			request.UserId, request.Username = ptr("ada"), ptr("ada")
			request.PasswordType = &userv2.AddHumanUserRequest_Password{Password: &userv2.Password{Password: firstPassword}}
			for _, c := range []*client{acme, other} {
				if id := c.add(t, request); id != "ada" {
					t.Errorf("id %q", id)
				}
			}
			request.Profile.GivenName = "Another"
			_, err := acme.users.UpdateHumanUser(t.Context(), &userv2.UpdateHumanUserRequest{UserId: "ada", Profile: request.GetProfile()})
			must(t, 0, err)
			for c, name := range map[*client]string{acme: "Another", other: "Ada"} {
				got, err := c.users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: "ada"})
				if must(t, got, err).GetUser().GetHuman().GetProfile().GetGivenName() != name {
					t.Errorf("%v, not %s", got, name)
				}
			}
			n.access(t, host, elsewhere)
		},
		"lists, counts and histories": func(t *testing.T) {
			before := must(t, n.census(t, acme), nil)
			for i := range 3 {
				other.add(t, person(fmt.Sprintf("person-%d@example.com", i)))
			}
			other.mail(t, "person-0@example.com")
			if after := n.census(t, acme); slices.ContainsFunc(after, func(line string) bool { return strings.Contains(line, "person-") }) || len(after) < len(before) {
				t.Errorf("at first %q, then %q", before, after)
			}
		},
		"keys": func(t *testing.T) {
			if a, b := n.keysAt(t, host), n.keysAt(t, elsewhere); len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) }) {
				t.Errorf("keys %v and %v", a, b)
			}
		},
		"the host that a proxy says": func(t *testing.T) {
			for forwarded, admitted := range map[string]bool{"id.acme.example": true, "spoofed.example, ID.acme.example:443": true, "id.acme.example, other.example": false} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.url()+"/v2/users", strings.NewReader("{}"))
				must(t, 0, err)
				r.Header.Set("X-Forwarded-Host", forwarded)
				r.Header.Set("Content-Type", "application/json")
				res, err := httpClient(t, token, false).Do(r)
				if must(t, res, err).Body.Close(); (res.StatusCode == http.StatusOK) != admitted {
					t.Errorf("forwarded for %s: %s", forwarded, res.Status)
				}
			}
		},
	} {
		t.Run(name, test)
	}
	n.end(t, host, token)
}

// access checks that sessions of the user ada are good at their own host name only.
func (n *server) access(t *testing.T, hosts ...string) {
	t.Helper()
	for _, host := range hosts {
		token := n.loginAt(t, host, "ada@example.com").GetAccessToken()
		for _, tried := range hosts {
			_, err := n.clientAt(tried, token).users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: "ada"})
			if (err == nil) != (tried == host) || err != nil && connect.CodeOf(err) != connect.CodeUnauthenticated {
				t.Errorf("an access token of %s at %s: %v", host, tried, err)
			}
		}
	}
}

// census is everything a tenant's administrator finds: users, events and messages.
func (n *server) census(t *testing.T, c *client) (lines []string) {
	t.Helper()
	users, err := c.users.ListUsers(t.Context(), &userv2.ListUsersRequest{})
	lines = append(lines, fmt.Sprint(must(t, users, err).GetDetails().GetTotalResult()))
	for _, u := range users.GetResult() {
		lines = append(lines, u.String())
	}
	events, err := c.audit.ListEvents(t.Context(), &auditv1.ListEventsRequest{PageSize: 1000})
	for _, e := range must(t, events, err).GetEvents() {
		lines = append(lines, e.String())
	}
	messages, err := c.inbox.ListMessages(t.Context(), &inboxv1.ListMessagesRequest{})
	for _, m := range must(t, messages, err).GetMessages() {
		lines = append(lines, m.String())
	}
	return lines
}

// end removes the tenant and looks what is left of it.
func (n *server) end(t *testing.T, host, token string) {
	t.Helper()
	n.signet("tenant", "delete", "acme").refused("--yes")
	n.signet("tenant", "delete", "default", "--yes").refused("default")
	n.signet("tenant", "delete", "acme", "--yes").succeeds()
	removed := n.clientAt(host, token)
	eventually(t, "the end of the tenant", func() error {
		if _, err := removed.users.ListUsers(t.Context(), &userv2.ListUsersRequest{}); connect.CodeOf(err) != connect.CodeNotFound {
			return fmt.Errorf("still there: %w", err)
		}
		return nil
	})
	res, err := n.httpAt(host, token).Get(n.url() + "/v2/users/ada")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("%s: %s, %v", res.Status, body, err)
	}
	_, err = n.clientAt("localhost", token).users.ListUsers(t.Context(), &userv2.ListUsersRequest{})
	wantCode(t, "the token of a removed tenant", err, connect.CodeUnauthenticated)
	if list := n.signet("tenant", "list").succeeds(); !strings.Contains(list, "acme") || !strings.Contains(list, "removed") {
		t.Errorf("list says %q", list)
	}
	n.signet("tenant", "create", "acme", "--host", "other.localhost").refused("existed")
	n.signet("admin-token", "--tenant", "acme").refused("does not exist")
}
