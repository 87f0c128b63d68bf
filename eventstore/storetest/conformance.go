package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
)

// Opener opens the log under test in a migrated database. It is called once for every node; whoever calls it closes the
// store.
type Opener func(ctx context.Context, pool *pgxpool.Pool, opts eventstore.Options) (*eventstore.Store, error)

// patience bounds every wait for something that must happen. It is long because a test machine may be busy, and costs
// nothing where the log works.
const patience = 20 * time.Second

// Run holds a log against its contract.
func Run(t *testing.T, open Opener) {
	for _, topic := range []struct {
		name string
		test func(*testing.T, Opener)
	}{
		{"append", testAppend},
		{"refusal leaves nothing behind", testRefusals},
		{"invalid changes", testInvalid},
		{"claims", testClaims},
		{"events come back as they went in", testRoundTrip},
		{"reads of the log", testReadLog},
		{"attempts", testAttempts},
		{"limits", testLimits},
		{"sweeping", testSweep},
		{"data keys", testDataKeys},
		{"deliverables", testDeliverables},
		{"checkpoints", testCheckpoints},
		{"observers", testObservers},
		{"cancellation", testCancellation},
		{"closing", testClose},
	} {
		t.Run(topic.name, func(t *testing.T) {
			t.Parallel()
			topic.test(t, open)
		})
	}
}

// node is one process's view of a log.
type node struct {
	*eventstore.Store
	pool   *pgxpool.Pool
	tenant string
}

// newNode opens a log in a database of its own.
func newNode(t testing.TB, open Opener) *node {
	return openNode(t, open, NewDatabase(t), eventstore.Options{})
}

// newPair opens two nodes over one database.
func newPair(t testing.TB, open Opener) (a, b *node) {
	a = newNode(t, open)
	return a, openNode(t, open, anotherPool(t, a.pool), eventstore.Options{})
}

func openNode(t testing.TB, open Opener, pool *pgxpool.Pool, opts eventstore.Options) *node {
	t.Helper()
	store, err := open(t.Context(), pool, opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(store.Close)
	return &node{Store: store, pool: pool, tenant: "default"}
}

// anotherPool is what a second process has: its own connections to the same database.
func anotherPool(t testing.TB, pool *pgxpool.Pool) *pgxpool.Pool {
	t.Helper()
	other, err := pgxpool.NewWithConfig(t.Context(), pool.Config())
	if err != nil {
		t.Fatalf("second pool: %v", err)
	}
	t.Cleanup(other.Close)
	return other
}

// in is the same log seen by another tenant, so that tests which share a database do not meet.
func (n *node) in(tenant string) *node {
	other := *n
	other.tenant = tenant
	return &other
}

func (n *node) stream(id string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: n.tenant, Kind: "user", ID: id}
}

// change is a valid change with count plain events.
func (n *node) change(id string, expected uint64, count int) eventstore.Change {
	c := eventstore.Change{Stream: n.stream(id), Owner: "org", Expected: expected, Metadata: eventstore.Metadata{Actor: "system"}}
	for range count {
		c.Events = append(c.Events, event("user.changed"))
	}
	return c
}

func (n *node) append(t testing.TB, c eventstore.Change) eventstore.Receipt {
	t.Helper()
	receipt, err := n.Append(t.Context(), c)
	if err != nil {
		t.Fatalf("append to %s at %d: %v", c.Stream.ID, c.Expected, err)
	}
	return receipt
}

func (n *node) read(t testing.TB, id string) []eventstore.Event {
	t.Helper()
	events, err := n.ReadStream(t.Context(), n.stream(id), 0)
	if err != nil {
		t.Fatalf("read %s: %v", id, err)
	}
	return events
}

func (n *node) version(t testing.TB, id string) uint64 {
	t.Helper()
	head, err := n.StreamHead(t.Context(), n.stream(id))
	if err != nil {
		t.Fatalf("head of %s: %v", id, err)
	}
	return head.Version
}

// holder is the id of the stream that holds a claim, or empty.
func (n *node) holder(t testing.TB, c eventstore.Claim) string {
	t.Helper()
	id, found, err := n.ClaimHolder(t.Context(), n.tenant, c)
	if err != nil {
		t.Fatalf("holder of %s: %v", c.Kind, err)
	}
	if found && (id.Tenant != n.tenant || id.Kind != "user") {
		t.Fatalf("holder of %s is %v", c.Kind, id)
	}
	return id.ID
}

// dataKey is the wrapped key of a subject, or nil.
func (n *node) dataKey(t testing.TB, subject string) []byte {
	t.Helper()
	keys, err := n.DataKeys(t.Context(), n.tenant, []string{subject})
	if err != nil {
		t.Fatalf("data key of %s: %v", subject, err)
	}
	return keys[subject]
}

func (n *node) hasDeliverable(t testing.TB, event uuid.UUID) bool {
	t.Helper()
	_, found, err := n.Deliverable(t.Context(), n.tenant, event)
	if err != nil {
		t.Fatalf("deliverable: %v", err)
	}
	return found
}

// rows are the answer to a statement that returns one text each.
func rows(t testing.TB, n *node, sql string, args ...any) []string {
	t.Helper()
	answer, err := n.pool.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("query: %v", err)
	}
	lines, err := pgx.CollectRows(answer, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("query: %v", err)
	}
	return lines
}

func event(typ string) eventstore.NewEvent {
	return eventstore.NewEvent{ID: uuid.Must(uuid.NewV7()), Type: typ, Revision: 1, Payload: []byte{8, 1}}
}

func claim(value string) eventstore.Claim {
	return eventstore.Claim{Kind: "username", Digest: []byte(value)}
}

func dataKey(subject string) eventstore.DataKey {
	return eventstore.DataKey{Subject: subject, Wrapped: []byte("wrapped key of " + subject)}
}

func deliverable(e eventstore.NewEvent) eventstore.Deliverable {
	return eventstore.Deliverable{
		EventID: e.ID, Subject: "ada", Sealed: []byte("sealed"), ExpiresAt: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// outcome is what became of one append.
type outcome struct {
	receipt eventstore.Receipt
	err     error
}

// together appends changes so that they meet in one group of each node: the gate is shut with a decoy before it, until all
// changes have been handed in behind. The changes go to the nodes in turn.
func together(t testing.TB, changes []eventstore.Change, nodes ...*node) []outcome {
	t.Helper()
	open := nodes[0].shut(t)
	var decoys sync.WaitGroup
	for i, n := range nodes {
		decoys.Go(func() {
			if _, err := n.Append(t.Context(), n.change("decoy "+uuid.NewString(), 0, 1)); err != nil {
				t.Errorf("decoy: %v", err)
			}
		})
		n.awaitAtGate(t, i+1)
	}
	results := make([]outcome, len(changes))
	var handedIn, done sync.WaitGroup
	for i, c := range changes {
		handedIn.Add(1)
		done.Go(func() {
			handedIn.Done()
			results[i].receipt, results[i].err = nodes[i%len(nodes)].Append(t.Context(), c)
		})
	}
	handedIn.Wait()
	open()
	done.Wait()
	decoys.Wait()
	return results
}

// appendLock is what the log and everybody who writes beside it agree on: the advisory lock that each transaction shares
// before it takes positions.
const appendLock int64 = 0x7369676e_00000001

// shut closes the gate that every append passes: the append lock, held exclusively. Calling open lets them pass.
func (n *node) shut(t testing.TB) (open func()) {
	t.Helper()
	conn, err := n.pool.Acquire(t.Context())
	if err != nil {
		t.Fatalf("gate: %v", err)
	}
	if _, err := conn.Exec(t.Context(), "select pg_advisory_lock($1)", appendLock); err != nil {
		t.Fatalf("gate: %v", err)
	}
	open = sync.OnceFunc(func() {
		if _, err := conn.Exec(context.Background(), "select pg_advisory_unlock($1)", appendLock); err != nil {
			t.Errorf("gate: %v", err)
		}
		conn.Release()
	})
	t.Cleanup(open)
	return open
}

// awaitAtGate waits until so many appends stand at the closed gate.
func (n *node) awaitAtGate(t testing.TB, count int) {
	t.Helper()
	eventually(t, "appends stand at the gate", func() bool { return waiting(t, n, "advisory") >= count })
}

// waiting is how many statements in a node's database wait for a lock of this kind, by its name in pg_locks.
func waiting(t testing.TB, n *node, kind string) (count int) {
	t.Helper()
	const sql = `
select count(*) from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock' and wait_event = $1`
	if err := n.pool.QueryRow(t.Context(), sql, kind).Scan(&count); err != nil {
		t.Fatalf("waiting statements: %v", err)
	}
	return count
}

// eventually waits for a condition that nothing announces.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// soon is a context for what must happen, but not at once.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func wantError(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

func wantTaken(t testing.TB, what string, got error, kind string) {
	t.Helper()
	taken, ok := errors.AsType[*eventstore.ClaimTakenError](got)
	if !ok || taken.Kind != kind {
		t.Errorf("%s: got error %v, want claim %q taken", what, got, kind)
	}
}

// wantVersions checks that events are a stream's versions from first on, in rising positions.
func wantVersions(t testing.TB, events []eventstore.Event, first, count uint64) {
	t.Helper()
	versions := make([]uint64, len(events))
	for i, e := range events {
		versions[i] = e.Version
		if i > 0 && e.Position <= events[i-1].Position {
			t.Errorf("version %d has position %d, not above %d", e.Version, e.Position, events[i-1].Position)
		}
	}
	want := make([]uint64, count)
	for i := range want {
		want[i] = first + uint64(i)
	}
	if !slices.Equal(versions, want) {
		t.Errorf("versions %v, want %v", versions, want)
	}
}

// difference names the first field in which two events differ. It tells a nil part from an empty one.
func difference(got, want eventstore.Event) string {
	sameBytes := func(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }
	for _, field := range []struct {
		name      string
		same      bool
		got, want any
	}{
		{"position", got.Position == want.Position, got.Position, want.Position},
		{"id", got.ID == want.ID, got.ID, want.ID},
		{"stream", got.Stream == want.Stream, got.Stream, want.Stream},
		{"version", got.Version == want.Version, got.Version, want.Version},
		{"type", got.Type == want.Type, got.Type, want.Type},
		{"revision", got.Revision == want.Revision, got.Revision, want.Revision},
		{"payload", sameBytes(got.Payload, want.Payload), got.Payload, want.Payload},
		{"personal", sameBytes(got.Personal, want.Personal), got.Personal, want.Personal},
		{"secret", sameBytes(got.Secret, want.Secret), got.Secret, want.Secret},
		{"subject", got.Subject == want.Subject, got.Subject, want.Subject},
		{"actor", got.Actor == want.Actor, got.Actor, want.Actor},
		{"cause", got.Cause == want.Cause, got.Cause, want.Cause},
		{"correlate", got.Correlate == want.Correlate, got.Correlate, want.Correlate},
		{"client", sameBytes(got.Client, want.Client), got.Client, want.Client},
		{"recorded at", got.RecordedAt.Equal(want.RecordedAt), got.RecordedAt, want.RecordedAt},
	} {
		if !field.same {
			return fmt.Sprintf("%s is %#v, want %#v", field.name, field.got, field.want)
		}
	}
	return ""
}

func wantEvents(t testing.TB, what string, got, want []eventstore.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d events, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if d := difference(got[i], want[i]); d != "" {
			t.Errorf("%s: event %d: %s", what, i, d)
		}
	}
}
