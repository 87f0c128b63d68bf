package authservice_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/call"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/providers"
	"github.com/signet-iam/signet/projection/users"
	queries "github.com/signet-iam/signet/query/user"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	tenant       = "default"
	organization = "home"
	loginPage    = "https://login.example.com"
	oldPassword  = "Correct-Horse-7"
)

// node is the service with everything behind it, projections included.
type node struct {
	*authservice.Service

	pool     *pgxpool.Pool
	runtime  command.Runtime
	users    *user.Service
	states   *command.Executor[user.State]
	policies *policy.Service
	recent   *command.Recent[policy.State]
}

func newNode(t testing.TB) *node {
	t.Helper()
	n := &node{pool: storetest.NewDatabase(t)}
	n.runtime = newRuntime(t, n.pool, func(events []eventstore.Event) {
		if n.recent != nil {
			n.recent.Observe(events)
		}
	})
	n.project(t, users.New(n.runtime.Codec), providers.New(n.runtime.Codec))
	n.command(t)
	n.Service = authservice.New(authservice.Config{
		Users: n.users, UserQueries: queries.New(n.pool, n.runtime.Store), Policies: n.policies,
		Avatars:     avatar.NewAddresses("https://id.example.com"),
		PasskeyPage: loginPage + "/passkey?lang=en",
	})
	return n
}

func newRuntime(t testing.TB, pool *pgxpool.Pool, observers ...func([]eventstore.Event)) command.Runtime {
	t.Helper()
	store, err := eventstore.Open(context.Background(), pool, eventstore.Options{Observers: observers})
	must(t, err)
	t.Cleanup(store.Close)
	ring, err := vault.NewRing()
	must(t, err)
	keys, err := vault.New(ring, store)
	must(t, err)
	must(t, keys.EnsureDigestKey(t.Context(), tenant, func(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
		return store.EnsureDataKey(ctx, tenant, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
	}))
	events, err := codec.New(keys)
	must(t, err)
	return command.Runtime{
		Store: store, Vault: keys, Codec: events, Now: time.Now, Random: rand.Reader,
		NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
}

// command makes the commands. Every organization exists, and every provider allows links.
func (n *node) command(t testing.TB) {
	t.Helper()
	var err error
	n.states, err = user.NewExecutor(n.runtime)
	must(t, err)
	policies, err := policy.NewExecutor(n.runtime)
	must(t, err)
	n.recent = command.NewRecent(policies)
	n.policies = policy.New(policy.Dependencies{
		Runtime: n.runtime, Policies: policies, Recent: n.recent, Organizations: everywhere{}, Languages: []string{"en", "de"},
	})
	party, err := webauthn.NewRelyingParty("Signet", loginPage)
	must(t, err)
	limiter, err := throttle.New(n.runtime)
	must(t, err)
	n.users = user.New(user.Dependencies{
		Runtime: n.runtime, Users: n.states, Organizations: everywhere{}, Providers: everywhere{}, Policies: n.policies,
		Passwords: password.NewHasher(password.Options{Random: rand.Reader}), RelyingParty: party, Limiter: limiter,
	})
}

type everywhere struct{}

func (everywhere) Exists(context.Context, string, string) (bool, error) { return true, nil }

func (everywhere) Active(context.Context, string, string) (bool, error) { return true, nil }

func (everywhere) WithDomain(context.Context, string, string) (string, bool, error) {
	return "", false, nil
}

func (everywhere) Linkable(context.Context, string, string, string) (bool, error) { return true, nil }

// project runs read models until the test ends.
func (n *node) project(t testing.TB, models ...projection.Model) {
	t.Helper()
	must(t, n.pool.AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error {
		return projection.Migrate(t.Context(), conn.Conn(), models...)
	}))
	log := projection.Log{Pool: n.pool, Store: n.runtime.Store, Codec: n.runtime.Codec}
	runner := projection.NewRunner(log, projection.Options{}, models...)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { runner.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
}

// given appends events to a user's stream as history would have left them: no rule is asked.
func (n *node) given(t testing.TB, userID string, events ...proto.Message) {
	t.Helper()
	_, _, err := n.states.Execute(t.Context(), command.Call[user.State]{
		Tenant: tenant, ID: userID, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[user.State]) (command.Decision, error) {
			d := command.Decision{Owner: organization, Subject: userID}
			for _, e := range events {
				d.Add(n.runtime.NewID(), e)
			}
			return d, nil
		},
	})
	must(t, err)
}

// offered adds an identity provider, or renames it.
func (n *node) offered(t testing.TB, id string, event proto.Message) {
	t.Helper()
	states, err := provider.NewExecutor(n.runtime)
	must(t, err)
	_, _, err = states.Execute(t.Context(), command.Call[provider.State]{
		Tenant: tenant, ID: id, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[provider.State]) (command.Decision, error) {
			d := command.Decision{Owner: organization, Subject: "#" + provider.Kind + ":" + id}
			d.Add(n.runtime.NewID(), event)
			return d, nil
		},
	})
	must(t, err)
}

// person adds a person by all the rules and returns it as a caller.
func (n *node) person(t testing.TB, id string) context.Context {
	t.Helper()
	_, err := n.users.AddHuman(t.Context(), admin(), user.AddHuman{
		UserID: id, Organization: organization, Username: &id, Profile: user.Profile{GivenName: "Ada", FamilyName: "Lovelace"},
		Email: user.EmailChange{Address: id + "@example.com"},
	})
	must(t, err)
	return as(t, id)
}

// machine adds a program and returns it as a caller.
func (n *node) machine(t testing.TB, id string) context.Context {
	t.Helper()
	n.given(t, id, &eventv1.UserMachineAdded{OrganizationId: organization, Username: id, Name: "Robot", Description: "Beeps"})
	return as(t, id)
}

// as returns the context of a request by a user.
func as(t testing.TB, id string, memberships ...permission.Membership) context.Context {
	who := permission.Identity{Tenant: tenant, UserID: id, Organization: organization}
	return call.With(t.Context(), &call.Call{Caller: permission.NewCaller(who, memberships...)})
}

func admin() *permission.Caller { return permission.System(tenant) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
