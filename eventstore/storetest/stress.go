package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
)

// Stress holds a log against its contract while many write at once, on one node and on two.
func Stress(t *testing.T, open Opener) {
	for _, topic := range []struct {
		name string
		test func(*testing.T, Opener)
	}{
		{"any history can be told in a row", testModel},
		{"conflicts hit only those who conflict", testMix},
		{"groups of two nodes do not deadlock", testLocks},
		{"no decision is written on stale state", testContestedStream},
		{"one claim has one holder", testContestedClaims},
		{"who is refused touches no claims of others", testRefusedRelease},
		{"a reader below the high water loses nothing", testOrder},
		{"others' transactions hold up no reader", testForeignTransactions},
		{"callers hold up no reader", testBusyPool},
	} {
		t.Run(topic.name, func(t *testing.T) {
			t.Parallel()
			topic.test(t, open)
		})
	}
}

// testContestedStream lets 32 writers on two nodes decide on one stream. Each event carries the state it was decided on:
// the version and a digest of all before it.
func testContestedStream(t *testing.T, open Opener) {
	a, b := newPair(t, open)
	const writers, each = 32, 8
	ctx := soon(t)
	var all sync.WaitGroup
	for w := range writers {
		n := []*node{a, b}[w%2]
		all.Go(func() {
			var state fold
			for i := range each {
				if err := state.decide(ctx, n, fmt.Sprintf("writer %d, decision %d", w, i)); err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	all.Wait()

	events := a.read(t, "contested")
	wantVersions(t, events, 1, writers*each)
	var state fold
	for _, e := range events {
		if !state.admits(e.Payload) {
			t.Fatalf("version %d was decided on %q, but the stream was %q", e.Version, e.Payload, state.String())
		}
		state.take(e)
	}
}

// fold is the state of the contested stream.
type fold struct {
	version uint64
	digest  uint64
}

func (f *fold) String() string { return fmt.Sprintf("%d %x", f.version, f.digest) }

func (f *fold) take(e eventstore.Event) {
	f.version = e.Version
	f.digest = f.digest*1099511628211 + uint64(len(e.Payload)) + uint64(e.Position)
}

func (f *fold) admits(decided []byte) bool {
	version, digest := uint64(0), uint64(0)
	n, err := fmt.Sscanf(string(decided), "%d %x", &version, &digest)
	return err == nil && n == 2 && version == f.version && digest == f.digest
}

// decide appends one decision on the state as it is; after a conflict it loads what was missed and decides again.
func (f *fold) decide(ctx context.Context, n *node, what string) error {
	for {
		c := n.change("contested", f.version, 1)
		c.Events[0].Payload = []byte(f.String() + " " + what)
		_, err := n.Append(ctx, c)
		if err != nil && !errors.Is(err, eventstore.ErrConflict) {
			return err
		}
		missed, readErr := n.ReadStream(ctx, c.Stream, f.version)
		if readErr != nil {
			return readErr
		}
		if len(missed) == 0 {
			return fmt.Errorf("at version %d nothing is newer, in spite of: %w", f.version, err)
		}
		for _, e := range missed {
			f.take(e)
		}
		if err == nil {
			return nil
		}
	}
}

// testContestedClaims lets streams on two nodes race for claims.
func testContestedClaims(t *testing.T, open Opener) {
	a, b := newPair(t, open)
	const rounds, racers = 25, 8
	ctx := soon(t)
	for round := range rounds {
		wanted := claim(fmt.Sprint("name ", round))
		results := make([]outcome, racers)
		start := make(chan struct{})
		var all sync.WaitGroup
		for r := range racers {
			n := []*node{a, b}[r%2]
			c := n.claiming(fmt.Sprintf("racer %d in round %d", r, round), 0, []eventstore.Claim{wanted}, nil)
			all.Go(func() {
				<-start
				results[r].receipt, results[r].err = n.Append(ctx, c)
			})
		}
		close(start)
		all.Wait()
		holder := b.holder(t, wanted)
		for r, o := range results {
			id := fmt.Sprintf("racer %d in round %d", r, round)
			if o.err == nil {
				if holder != id || a.version(t, id) != 1 {
					t.Errorf("%s was told it had won, but the holder is %q", id, holder)
				}
				continue
			}
			wantTaken(t, id, o.err, "username")
			if a.version(t, id) != 0 {
				t.Errorf("%s lost, but exists", id)
			}
		}
		if holder == "" {
			t.Errorf("round %d has no winner", round)
		}
	}
	wantNoDeadlocks(t, a, b)
}

// testRefusedRelease lets a change that takes an existing stream for new stop at a claim somebody has in hand, and another
// node's meet it there that is right about the stream. Both release the stream's claim.
func testRefusedRelease(t *testing.T, open Opener) {
	a, b := newPair(t, open)
	a.append(t, a.claiming("ada", 0, claims("name"), nil))
	inHand, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const take = "insert into eventstore.claims (tenant, kind, digest, stream_kind, stream_id) values ($1, $2, $3, 'user', 'bob')"
	wanted := claim("wanted")
	if _, err := inHand.Exec(t.Context(), take, a.tenant, wanted.Kind, wanted.Digest); err != nil {
		t.Fatal(err)
	}

	var answered atomic.Int64
	var all sync.WaitGroup
	start := func(n *node, c eventstore.Change, want error) {
		all.Go(func() {
			_, err := n.Append(t.Context(), c)
			wantError(t, fmt.Sprint("expected ", c.Expected), err, want)
			answered.Add(1)
		})
	}
	atLeast := func(count int) func() bool {
		return func() bool { return int(answered.Load())+waiting(t, a, "transactionid") >= count }
	}
	start(a, a.claiming("ada", 0, claims("wanted"), claims("name")), eventstore.ErrConflict)
	eventually(t, "the first is answered or waits", atLeast(1))
	start(b, b.claiming("ada", 1, nil, claims("name")), nil)
	eventually(t, "the second is answered or waits", atLeast(2))
	if err := inHand.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if holder := a.holder(t, claim("name")); holder != "" {
		t.Errorf("released, but still held by %q", holder)
	}
}

// wantNoDeadlocks closes the nodes, because a connection reports its deadlocks when it ends.
func wantNoDeadlocks(t testing.TB, nodes ...*node) {
	t.Helper()
	for _, n := range nodes {
		n.Close()
	}
	if n := deadlocks(t, nodes[0].pool); n > 0 {
		t.Errorf("%d deadlocks", n)
	}
}

func deadlocks(t testing.TB, pool *pgxpool.Pool) (n int) {
	t.Helper()
	const sql = "select deadlocks from pg_stat_database where datname = current_database()"
	if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatalf("deadlocks: %v", err)
	}
	return n
}

// dice are repeatable for each who throws them.
func dice(who int) *rand.Rand {
	return rand.New(rand.NewPCG(1, uint64(who))) //nolint:gosec // a test must be repeatable, not secret
}
