package authservice_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/api/gen/signet/auth/v1/authv1connect"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/api/interceptor"
	organizations "github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection/authorizations"
	"github.com/signet-iam/signet/projection/memberships"
	orgmodel "github.com/signet-iam/signet/projection/organizations"
	"github.com/signet-iam/signet/projection/projects"
	sessionmodel "github.com/signet-iam/signet/projection/sessions"
	"github.com/signet-iam/signet/query/authorization"
	"github.com/signet-iam/signet/query/history"
	"github.com/signet-iam/signet/query/member"
	orgqueries "github.com/signet-iam/signet/query/organization"
	sessionqueries "github.com/signet-iam/signet/query/session"
	queries "github.com/signet-iam/signet/query/user"
)

// house is the service as clients reach it, with all that is around an account.
type house struct {
	*node

	sessions *session.Service
	url      string
}

// newHouse is one in which the organization is, and other, and ann, who is a person of the first.
func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{node: newNode(t)}
	events, store := h.runtime.Codec, h.runtime.Store
	h.project(t, sessionmodel.New(events), orgmodel.New(events), projects.New(events), authorizations.New(events), memberships.New(events))
	h.sessions = h.newSessions(t)
	h.Service = authservice.New(authservice.Config{
		Users: h.users, UserQueries: queries.New(h.pool, store), Policies: h.policies, Avatars: avatar.NewAddresses("https://id.example.com"),
		PasskeyPage: loginPage, Sessions: h.sessions, SessionQueries: sessionqueries.New(h.pool, store),
		Organizations: orgqueries.New(h.pool, store), Authorizations: authorization.New(h.pool, store), Members: member.New(h.pool, store),
		History: history.New(h.pool, store), Now: time.Now,
	})
	h.serve(t)
	h.happened(t, "org", home, &eventv1.OrganizationAdded{Name: "Home"})
	h.happened(t, "org", "other", &eventv1.OrganizationAdded{Name: "Other"})
	h.person(t, "ann")
	return h
}

const home = organization

func (h *house) newSessions(t *testing.T) *session.Service {
	t.Helper()
	states, err := session.NewExecutor(h.runtime)
	must(t, err)
	known, err := organizations.NewExecutor(h.runtime)
	must(t, err)
	return session.New(session.Dependencies{
		Runtime: h.runtime, Sessions: states, UserStates: h.states, Users: h.users, Organizations: organizations.NewDirectory(h.runtime, known),
		Policies: h.policies, Life: session.Life{Session: time.Hour, Longest: 24 * time.Hour, Refresh: 30 * time.Minute},
	})
}

// callers are those of the tests, by name; each is somebody else's word for ann.
func callers(name string) *permission.Caller {
	who := permission.Identity{Tenant: tenant, UserID: "ann", Organization: home}
	at := func(organization string, roles ...permission.Role) permission.Membership {
		return permission.Membership{Organization: organization, Roles: roles}
	}
	switch name {
	case "ann":
		return permission.NewCaller(who)
	case "manager":
		return permission.NewCaller(who, at("other", permission.OrganizationSettingsManager))
	case "worker":
		return permission.NewCaller(who, permission.Membership{Organization: "other", Project: "p1", Roles: []permission.Role{permission.ProjectOwnerViewer}},
			permission.Membership{Organization: "other", Project: "p2", Granted: home, Roles: []permission.Role{permission.ProjectGrantOwnerViewer}})
	case "root":
		return permission.NewCaller(who, at("", permission.InstanceOwner))
	case "stranger":
		who.UserID = "bob"
		return permission.NewCaller(who)
	}
	who.Session = name // signed in by it
	return permission.NewCaller(who)
}

// serve has requests come as whoever their Authorization names.
func (h *house) serve(t *testing.T) {
	t.Helper()
	path, handler := authv1connect.NewAuthServiceHandler(h.Service, connect.WithInterceptors(interceptor.NewErrors(zerolog.Nop())))
	mux := http.NewServeMux()
	mux.Handle(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call.Call{Caller: callers(r.Header.Get("Authorization"))}
		c.Consistency.Timeout = 30 * time.Second // a busy machine does not exhaust it
		handler.ServeHTTP(w, r.WithContext(call.With(r.Context(), c)))
	}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	h.url = server.URL
}

// headed sends further headers along.
type headed []string

func (h headed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for i := 0; i < len(h); i += 2 {
		r.Header.Set(h[i], h[i+1])
	}
	return http.DefaultTransport.RoundTrip(r)
}

// as returns a client of one of the callers, that sends further headers.
func (h *house) as(caller string, headers ...string) authv1connect.AuthServiceClient {
	return authv1connect.NewAuthServiceClient(&http.Client{Transport: append(headed{"Authorization", caller}, headers...)}, h.url)
}

// happened appends events that hold nothing sealed to a stream.
func (h *house) happened(t *testing.T, kind, id string, events ...proto.Message) {
	t.Helper()
	stream := eventstore.StreamID{Tenant: tenant, Kind: kind, ID: id}
	head, err := h.runtime.Store.StreamHead(t.Context(), stream)
	must(t, err)
	change := eventstore.Change{Stream: stream, Owner: home, Expected: head.Version, Metadata: eventstore.Metadata{Actor: "root"}}
	seal, wrapped, err := h.runtime.Vault.NewKey(tenant, "#"+kind+":"+id)
	must(t, err)
	subject := "#" + kind + ":" + id
	if head.Version == 0 {
		change.Keys = []eventstore.DataKey{{Subject: subject, Wrapped: wrapped}}
	} else {
		seal, err = h.runtime.Vault.Key(t.Context(), tenant, subject)
		must(t, err)
	}
	for _, e := range events {
		sealed, err := h.runtime.Codec.Encode(seal, stream, subject, h.runtime.NewID(), e)
		must(t, err)
		change.Events = append(change.Events, sealed)
	}
	_, err = h.runtime.Store.Append(t.Context(), change)
	must(t, err)
}

// fails checks the code and the reason of a refusal.
func fails(t *testing.T, what string, err error, code connect.Code) {
	t.Helper()
	if connect.CodeOf(err) != code || err == nil {
		t.Errorf("%s: %v, want %v", what, err, code)
	}
}

// signIn begins a session of ann as a direct sign-in does, and returns its id.
func (h *house) signIn(t *testing.T) string {
	t.Helper()
	head, err := h.runtime.Store.StreamHead(t.Context(), eventstore.StreamID{Tenant: tenant, Kind: "user", ID: "ann"})
	must(t, err)
	begun, err := h.sessions.Begin(t.Context(), session.Begin{
		Tenant: tenant, UserID: "ann", Organization: home, UserVersion: head.Version, Proof: session.ByPassword,
	})
	must(t, err)
	return begun.ID
}

// begun begins a session on a user agent by order of the login page, and returns its id.
func (h *house) begun(t *testing.T, user, fingerprint string) string {
	t.Helper()
	made, err := h.sessions.Create(t.Context(), admin(), session.Create{
		Checks: session.Checks{UserID: user}, Agent: session.Agent{FingerprintID: fingerprint},
	})
	must(t, err)
	return made.ID
}
