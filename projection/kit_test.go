package projection_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
)

// patience bounds every wait of a test for something that must happen.
const patience = 30 * time.Second

// node is one process's view of a database: a store, a vault, a codec.
type node struct {
	t     testing.TB
	pool  *pgxpool.Pool
	store *eventstore.Store
	vault *vault.Vault
	codec *codec.Codec
	ring  *vault.Ring
}

// newNode makes a database with migrated models.
func newNode(t *testing.T, models ...projection.Model) *node {
	t.Helper()
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	n := openNode(t, storetest.NewDatabase(t), ring)
	if err := n.migrate(models...); err != nil {
		t.Fatal(err)
	}
	return n
}

func openNode(t testing.TB, pool *pgxpool.Pool, ring *vault.Ring) *node {
	t.Helper()
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	v, err := vault.New(ring, store)
	if err != nil {
		t.Fatal(err)
	}
	c, err := codec.New(v)
	if err != nil {
		t.Fatal(err)
	}
	return &node{t: t, pool: pool, store: store, vault: v, codec: c, ring: ring}
}

// again opens the same database as another process would.
func (n *node) again() *node {
	n.t.Helper()
	return openNode(n.t, n.pool, n.ring)
}

func (n *node) migrate(models ...projection.Model) error {
	conn, err := n.pool.Acquire(n.t.Context())
	if err != nil {
		return err
	}
	defer conn.Release()
	return projection.Migrate(n.t.Context(), conn.Conn(), models...)
}

func (n *node) log() projection.Log {
	return projection.Log{Pool: n.pool, Store: n.store, Codec: n.codec}
}

func (n *node) users() *users.Model { return users.New(n.codec) }

func (n *node) operator(models ...projection.Model) *projection.Operator {
	return projection.NewOperator(n.log(), projection.Options{}, models...)
}

// run starts a runner; the result stops it and waits for its end. The test's end stops it too.
func (n *node) run(opts projection.Options, models ...projection.Model) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	runner := projection.NewRunner(n.log(), opts, models...)
	running.Go(func() { runner.Run(ctx) })
	stop = func() {
		cancel()
		running.Wait()
	}
	n.t.Cleanup(stop)
	return stop
}

func stream(kind, id string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: "default", Kind: kind, ID: id}
}

// raw appends events without a subject to a stream.
func (n *node) raw(id eventstore.StreamID, msgs ...proto.Message) eventstore.Receipt {
	n.t.Helper()
	events := make([]eventstore.NewEvent, len(msgs))
	for i, msg := range msgs {
		event, err := n.codec.Encode(vault.Key{}, id, "", uuid.Must(uuid.NewV7()), msg)
		if err != nil {
			n.t.Fatal(err)
		}
		events[i] = event
	}
	return n.append(eventstore.Change{Stream: id, Events: events})
}

// append appends behind whatever the stream has.
func (n *node) append(change eventstore.Change) eventstore.Receipt {
	n.t.Helper()
	change.Metadata.Actor = "test"
	for {
		head, err := n.store.StreamHead(n.t.Context(), change.Stream)
		if err != nil {
			n.t.Fatal(err)
		}
		change.Owner, change.Expected = "o1", head.Version
		receipt, err := n.store.Append(n.t.Context(), change)
		if errors.Is(err, eventstore.ErrConflict) {
			continue
		}
		if err != nil {
			n.t.Fatal(err)
		}
		return receipt
	}
}

// tick appends an event without content.
func (n *node) tick(kind, id string) eventstore.Receipt {
	n.t.Helper()
	return n.raw(stream(kind, id), &eventv1.UserEmailVerified{})
}

// user appends events of a user, sealed with the user's key.
func (n *node) user(id string, msgs ...proto.Message) eventstore.Receipt {
	n.t.Helper()
	ctx := n.t.Context()
	change := eventstore.Change{Stream: stream("user", id)}
	key, err := n.vault.Key(ctx, "default", id)
	if errors.Is(err, vault.ErrErased) {
		var wrapped []byte
		if key, wrapped, err = n.vault.NewKey("default", id); err == nil {
			change.Keys = []eventstore.DataKey{{Subject: id, Wrapped: wrapped}}
		}
	}
	if err != nil {
		n.t.Fatal(err)
	}
	for _, msg := range msgs {
		event, err := n.codec.Encode(key, change.Stream, id, uuid.Must(uuid.NewV7()), msg)
		if err != nil {
			n.t.Fatal(err)
		}
		change.Events = append(change.Events, event)
	}
	return n.append(change)
}

func person(name string) *eventv1.UserHumanAdded {
	return &eventv1.UserHumanAdded{
		OrganizationId: "o1", Username: name, Email: name + "@example.com",
		Profile: &eventv1.Profile{GivenName: name, FamilyName: "Example", DisplayName: name + " Example", PreferredLanguage: "en"},
	}
}

// await waits until a projection has taken in the log up to a position.
func (n *node) await(name string, position eventstore.Position) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), patience)
	defer cancel()
	if err := n.store.Await(ctx, name, position); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) awaitHead(name string) eventstore.Position {
	n.t.Helper()
	head, err := n.store.Head(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	n.await(name, head)
	return head
}

// eventually polls a condition that has no signal of its own.
func (n *node) eventually(what string, condition func() bool) {
	n.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); {
		if time.Now().After(deadline) {
			n.t.Fatalf("never happened: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (n *node) exec(sql string, args ...any) {
	n.t.Helper()
	if _, err := n.pool.Exec(n.t.Context(), sql, args...); err != nil {
		n.t.Fatal(err)
	}
}

// one returns a single value.
func one[T any](n *node, sql string, args ...any) T {
	n.t.Helper()
	rows, err := n.pool.Query(n.t.Context(), sql, args...)
	if err != nil {
		n.t.Fatal(err)
	}
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		n.t.Fatal(err)
	}
	return value
}

// table returns all rows of a query as text, in the order of that text.
func (n *node) table(query string) []string {
	n.t.Helper()
	rows, err := n.pool.Query(n.t.Context(), fmt.Sprintf("select q::text from (%s) q order by 1", query))
	if err != nil {
		n.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		n.t.Fatal(err)
	}
	return list
}

func (n *node) status(op *projection.Operator, name string) projection.Status {
	n.t.Helper()
	list, err := op.Status(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	for _, s := range list {
		if s.Name == name {
			return s
		}
	}
	n.t.Fatalf("no status of %s", name)
	return projection.Status{}
}

// verified fails the test unless a model's tables are what the log says.
func (n *node) verified(m projection.Model) {
	n.t.Helper()
	v, err := n.operator(m).Verify(n.t.Context(), m.Name(), nil)
	if err != nil {
		n.t.Fatal(err)
	}
	if v.Differing != 0 {
		n.t.Fatalf("%d of %d rows differ from the log: %+v", v.Differing, v.Rows, v.Differences)
	}
}
