package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Callers of the tests. All belong to the default organization.
func admin() *permission.Caller    { return commandtest.Admin() }
func minnie() *permission.Caller   { return commandtest.Caller("minnie") }
func stranger() *permission.Caller { return commandtest.Caller("stranger") }

// loginPage acts for people who are not signed in yet.
func loginPage() *permission.Caller {
	return commandtest.Caller("login-page", permission.Membership{Roles: []string{permission.InstanceLoginClient}})
}

// owner may end the sessions of its organization, and not begin any.
func owner() *permission.Caller {
	return commandtest.Caller("owner", permission.Membership{Organization: "default", Roles: []string{permission.OrganizationOwner}})
}

const goodPassword = "Correct-Horse-7"

var passwordHash = sync.OnceValues(func() (string, error) {
	return password.NewHasher(password.Options{Random: rand.Reader}).Hash(context.Background(), goodPassword)
})

// person is the history of a user with a password, and a proven mailbox to send codes to.
func person(t testing.TB, username string) []proto.Message {
	t.Helper()
	hash, err := passwordHash()
	if err != nil {
		t.Fatal(err)
	}
	return []proto.Message{
		&eventv1.UserHumanAdded{
			OrganizationId: "default", Username: username, Email: username + "@mouse.com",
			Profile: &eventv1.Profile{GivenName: "Minnie", FamilyName: "Mouse", DisplayName: "Minnie Mouse"},
		},
		&eventv1.UserEmailVerified{}, &eventv1.UserOTPEmailAdded{}, &eventv1.UserPasswordChanged{Hash: hash},
	}
}

// scene is a node on which minnie and daisy are users.
func scene(t testing.TB) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	for _, name := range []string{"minnie", "daisy"} {
		n.Given(t, name, person(t, name)...)
		claim(t, n, name)
	}
	return n
}

// claim gives a user the username that is its id, as adding it would have done.
func claim(t testing.TB, n *commandtest.Node, id string) {
	t.Helper()
	digest, err := n.Runtime.Vault.Digest(t.Context(), n.Tenant, "username", id)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = n.UserStates.Execute(t.Context(), command.Call[user.State]{
		Tenant: n.Tenant, ID: id, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[user.State]) (command.Decision, error) {
			d := command.Decision{Subject: id, Claims: []eventstore.Claim{{Kind: "username", Digest: digest}}}
			d.Add(n.Runtime.NewID(), &eventv1.UserUsernameChanged{Username: id})
			return d, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// create begins a session by order of the login page.
func create(t testing.TB, n *commandtest.Node, checks session.Checks) session.Changed {
	t.Helper()
	made, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{Checks: checks})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func byPassword() session.Checks { return session.Checks{UserID: "minnie", Password: goodPassword} }

// begin begins minnie's session as a direct sign-in does.
func begin(t testing.TB, n *commandtest.Node) session.Begun {
	t.Helper()
	begun, err := n.Sessions.Begin(t.Context(), signIn(t, n))
	if err != nil {
		t.Fatal(err)
	}
	return begun
}

func signIn(t testing.TB, n *commandtest.Node) session.Begin {
	t.Helper()
	return session.Begin{
		Tenant: n.Tenant, UserID: "minnie", Organization: "default", UserVersion: n.Version(t, "minnie"),
		Proof: session.ByPassword, SessionToken: true,
	}
}

func streamOf(n *commandtest.Node, id string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: n.Tenant, Kind: session.Kind, ID: id}
}

// recorded returns the events of a session from some version on, opened.
func recorded(t testing.TB, n *commandtest.Node, id string, after uint64) []proto.Message {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), streamOf(n, id), after)
	if err != nil {
		t.Fatal(err)
	}
	messages, faults, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	if err != nil {
		t.Fatal(err)
	}
	var out []proto.Message
	for i, m := range messages {
		if faults[i] != nil {
			t.Fatal(faults[i])
		}
		out = append(out, m.Proto)
	}
	return out
}

// then checks which events a session got after a version.
func then(t testing.TB, n *commandtest.Node, at session.Changed, want ...string) {
	t.Helper()
	if got := commandtest.Types(recorded(t, n, at.ID, at.Receipt.Version)); !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

func stateOf(t testing.TB, n *commandtest.Node, id string) session.State {
	t.Helper()
	snap, err := n.SessionStates.Load(t.Context(), n.Tenant, id)
	if err != nil {
		t.Fatal(err)
	}
	return snap.State
}

// good reports whether a session speaks for its user now.
func good(t testing.TB, n *commandtest.Node, id string) bool {
	t.Helper()
	state := stateOf(t, n, id)
	u, err := n.UserStates.Load(t.Context(), n.Tenant, state.UserID)
	if err != nil {
		t.Fatal(err)
	}
	return state.Good(&u.State, n.Clock.Now())
}

// refused checks that err is this refusal.
func refused(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// kind checks that err is a refusal of this kind.
func kind(t testing.TB, what string, err error, want failure.Kind) {
	t.Helper()
	if refusal, ok := errors.AsType[*failure.Error](err); !ok || refusal.Kind != want {
		t.Errorf("%s: %v, want kind %d", what, err, want)
	}
}

const hour = time.Hour

type message = proto.Message

var errDenied = permission.ErrDenied

// denied returns what is said about a session token.
func denied(t testing.TB, n *commandtest.Node, id, token string) error {
	t.Helper()
	return n.Sessions.CheckToken(t.Context(), n.Tenant, id, token)
}

// signedIn is minnie, signed in by a session.
func signedIn(id string) *permission.Caller {
	return permission.NewCaller(permission.Identity{Tenant: commandtest.Tenant, UserID: "minnie", Organization: "default", Session: id})
}

// kindOf checks that err is this refusal, or that of a factor the user does not have, which a check translates.
func kindOf(t testing.TB, what string, err, want error) {
	t.Helper()
	if errors.Is(want, user.ErrNoRecoveryCodes) {
		kind(t, what, err, failure.FailedPrecondition)
	}
	refused(t, what, err, want)
}

// sessions counts the sessions that were ever begun.
func sessions(t testing.TB, n *commandtest.Node) int {
	t.Helper()
	head, err := n.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	upTo, err := n.Store.AwaitHighWater(t.Context(), head-1)
	if err != nil {
		t.Fatal(err)
	}
	begun, err := n.Store.ChangedStreams(t.Context(), eventstore.Batch{UpTo: upTo, Kinds: []string{session.Kind}})
	if err != nil {
		t.Fatal(err)
	}
	return len(begun)
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
