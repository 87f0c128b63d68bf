// Package commandtest sets up the write side on a real log for the tests of the packages around it.
//
// A Node is what one process has: store, vault, executors with their caches, services. Several nodes on one database stand
// for several processes.
package commandtest

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
)

// Tenant of all tests.
const Tenant = "default"

// Clock is a clock that stands until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Node is one process.
type Node struct {
	Clock         *Clock
	Runtime       command.Runtime
	Store         *eventstore.Store
	UserStates    *command.Executor[user.State]
	Instances     *command.Executor[instance.State]
	Users         *user.Service
	Organizations *organization.Service
	Instance      *instance.Service
	Access        *access.Authenticator

	pool *pgxpool.Pool
	ring *vault.Ring
}

// Bare returns a node on a database of its own in which nothing was set up.
func Bare(t testing.TB) *Node {
	t.Helper()
	ring, err := vault.NewRing()
	must(t, err)
	clock := &Clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	return open(t, storetest.NewDatabase(t), ring, clock)
}

// New returns a node whose tenant is set up.
func New(t testing.TB) *Node {
	t.Helper()
	n := Bare(t)
	_, err := n.Instance.Bootstrap(t.Context(), instance.Setup{Tenant: Tenant})
	must(t, err)
	return n
}

// Another returns a second node on the same database.
func (n *Node) Another(t testing.TB) *Node {
	t.Helper()
	return open(t, n.pool, n.ring, n.Clock)
}

func open(t testing.TB, pool *pgxpool.Pool, ring *vault.Ring, clock *Clock) *Node {
	t.Helper()
	n := &Node{Clock: clock, pool: pool, ring: ring}
	observe := func(events []eventstore.Event) {
		if n.Access != nil {
			n.Access.Observe(events)
		}
	}
	store, err := eventstore.Open(context.Background(), pool, eventstore.Options{Now: clock.Now, Observers: []func([]eventstore.Event){observe}})
	must(t, err)
	t.Cleanup(store.Close)
	v, err := vault.New(ring, store)
	must(t, err)
	c, err := codec.New(v)
	must(t, err)
	rt := command.Runtime{
		Store: store, Vault: v, Codec: c, Now: clock.Now, Random: rand.Reader,
		NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
	n.Store, n.Runtime = store, rt
	n.UserStates, err = user.NewExecutor(rt)
	must(t, err)
	n.Instances, err = instance.NewExecutor(rt)
	must(t, err)
	n.Organizations, err = organization.New(rt)
	must(t, err)
	n.Users = user.New(user.Dependencies{
		Runtime: rt, Users: n.UserStates, Organizations: n.Organizations,
		Passwords: password.NewHasher(password.Options{Random: rand.Reader}), Policy: password.DefaultPolicy(),
	})
	n.Instance = instance.New(instance.Dependencies{
		Runtime: rt, Instances: n.Instances, UserStates: n.UserStates, Users: n.Users, Organizations: n.Organizations,
	})
	n.Access = access.New(access.Dependencies{Runtime: rt, Users: n.UserStates, Instances: n.Instances, Tenant: Tenant})
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Admin returns a caller that may do everything.
func Admin() *permission.Caller {
	return Caller(instance.AdminID, permission.Membership{Roles: []string{permission.InstanceOwner}})
}

// Caller returns a caller of the default organization.
func Caller(id string, memberships ...permission.Membership) *permission.Caller {
	who := permission.Identity{Tenant: Tenant, UserID: id, Organization: instance.DefaultOrganization}
	return permission.NewCaller(who, memberships...)
}

// Given appends events to a user's stream as history would have left them: no rule is asked.
func (n *Node) Given(t testing.TB, userID string, events ...proto.Message) []uuid.UUID {
	t.Helper()
	var ids []uuid.UUID
	_, _, err := n.UserStates.Execute(t.Context(), command.Call[user.State]{
		Tenant: Tenant, ID: userID, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[user.State]) (command.Decision, error) {
			d := command.Decision{Owner: instance.DefaultOrganization, Subject: userID}
			ids = ids[:0]
			for _, e := range events {
				id := n.Runtime.NewID()
				ids = append(ids, id)
				d.Add(id, e)
			}
			return d, nil
		},
	})
	must(t, err)
	return ids
}

// Recorded returns what the log holds of a user, from some version on, with everything sealed opened.
func (n *Node) Recorded(t testing.TB, userID string, after uint64) []proto.Message {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), Stream(userID), after)
	must(t, err)
	messages, faults, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	must(t, err)
	var out []proto.Message
	for i, m := range messages {
		must(t, faults[i])
		out = append(out, m.Proto)
	}
	return out
}

// Stream returns the id of a user's stream.
func Stream(userID string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: Tenant, Kind: user.Kind, ID: userID}
}

// Types returns the type names of events, in order.
func Types(messages []proto.Message) []string {
	return slices.Collect(func(yield func(string) bool) {
		for _, m := range messages {
			if !yield(codec.Type(m)) {
				return
			}
		}
	})
}

// Version returns how many events a user's stream has.
func (n *Node) Version(t testing.TB, userID string) uint64 {
	t.Helper()
	head, err := n.Store.StreamHead(t.Context(), Stream(userID))
	must(t, err)
	return head.Version
}
