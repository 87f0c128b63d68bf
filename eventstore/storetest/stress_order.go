package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
)

const (
	trafficTime    = 1500 * time.Millisecond
	trafficStreams = 60
	trafficWriters = 32
)

// testOrder reads the log beside 32 writers on 60 streams, in a database that is slow to commit. Some of the writers are
// transactions that keep the log's rule (the append lock, shared, before a position is taken), linger between position and
// commit, and sometimes roll back.
//
// The naive reader, which takes what lies above the last position it saw, is the negative control: under this load it must
// lose events, or the load proves nothing.
func testOrder(t *testing.T, open Opener) {
	for name, lingering := range map[string]int{"appends": 0, "appends and lingering transactions": trafficWriters / 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testReaders(t, open, lingering)
		})
	}
}

func testReaders(t *testing.T, open Opener, lingering int) {
	a, b := newPair(t, open)
	for i := range trafficStreams {
		a.append(t, a.change(trafficStream(i), 0, 1))
	}
	slowDown(t, a)
	finish := startTraffic(t, lingering, a, b)

	safeHere, safeThere := newReader(a), newReader(b)
	naive := &naiveReader{pool: a.pool}
	var until atomic.Int64 // position at which the readers are done
	var readers sync.WaitGroup
	ctx := soon(t)
	for _, r := range []*reader{safeHere, safeThere} {
		readers.Go(func() {
			if err := r.follow(ctx, &until); err != nil {
				t.Errorf("reader: %v", err)
			}
		})
	}
	readers.Go(func() {
		if err := naive.follow(ctx, &until); err != nil {
			t.Errorf("naive reader: %v", err)
		}
	})
	finish()
	head, err := a.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	until.Store(int64(head))
	readers.Wait()

	stored := storedEvents(t, a)
	safeHere.wantAll(t, stored)
	safeThere.wantAll(t, stored)
	lost := len(stored) - naive.seen
	t.Logf("%d events; the naive reader lost %d of them", len(stored), lost)
	if lost <= 0 {
		t.Error("the naive reader lost nothing: the load does not tell readers apart")
	}
}

func trafficStream(i int) string { return fmt.Sprint("stream ", i) }

// slowDown makes some commits take up to 8 ms longer, after their positions were taken.
func slowDown(t testing.TB, n *node) {
	t.Helper()
	_, err := n.pool.Exec(t.Context(), `
create function linger() returns trigger language plpgsql as 'begin perform pg_sleep(random() * 0.008); return null; end';
create constraint trigger linger after insert on eventstore.events deferrable initially deferred
   for each row when (new.version % 4 = 0) execute function linger()`)
	if err != nil {
		t.Fatalf("slow down: %v", err)
	}
}

// startTraffic starts the writers, so many of them lingering ones; finish waits until their time is over.
func startTraffic(t testing.TB, lingering int, nodes ...*node) (finish func()) {
	t.Helper()
	raw := nodes[0].pool.Config()
	raw.MaxConns = trafficWriters
	pool, err := pgxpool.NewWithConfig(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	var writers sync.WaitGroup
	ended := make(chan struct{})
	time.AfterFunc(trafficTime, func() { close(ended) })
	var appended, committed, rolledBack atomic.Int64
	for w := range trafficWriters {
		d := dice(w)
		writers.Go(func() {
			for running(ended) {
				id := nodes[0].stream(trafficStream(d.IntN(trafficStreams)))
				var err error
				if w < lingering {
					err = linger(t.Context(), pool, id, d, &committed, &rolledBack)
				} else {
					err = appendToHead(t.Context(), nodes[w%len(nodes)], id, &appended)
				}
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	return func() {
		writers.Wait()
		t.Logf("%d appended, %d lingering transactions committed, %d rolled back", appended.Load(), committed.Load(), rolledBack.Load())
		if appended.Load() == 0 || lingering > 0 && min(committed.Load(), rolledBack.Load()) == 0 {
			t.Error("a kind of writer wrote nothing")
		}
	}
}

func running(ended <-chan struct{}) bool {
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

func appendToHead(ctx context.Context, n *node, id eventstore.StreamID, appended *atomic.Int64) error {
	head, err := n.StreamHead(ctx, id)
	if err != nil {
		return err
	}
	c := n.change(id.ID, head.Version, 1+int(head.Version%3))
	safe := n.HighWater()
	receipt, err := n.Append(ctx, c)
	if errors.Is(err, eventstore.ErrConflict) {
		return nil
	}
	appended.Add(1)
	return errors.Join(err, wantAbove(receipt, c, safe))
}

// wantAbove: nothing is ever written at or below a high water that was seen before.
func wantAbove(r eventstore.Receipt, c eventstore.Change, safe eventstore.Position) error {
	if r.Position < safe+eventstore.Position(len(c.Events)) && r.Position > 0 {
		return fmt.Errorf("written at %d, after everything up to %d was called complete", r.Position, safe)
	}
	return nil
}

// errRollBack makes a lingering transaction roll back.
var errRollBack = errors.New("changed its mind")

// linger appends one event in a transaction of its own that pauses for up to 20 ms before it ends.
func linger(ctx context.Context, pool *pgxpool.Pool, id eventstore.StreamID, d *rand.Rand, committed, rolledBack *atomic.Int64) error {
	pause := float64(d.IntN(20)) / 1000
	err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock_shared($1)", appendLock); err != nil {
			return err
		}
		var version int64
		err := tx.QueryRow(ctx, `
update eventstore.streams set version = version + 1 where (tenant, kind, id) = ($1, $2, $3) returning version`, id.Tenant, id.Kind, id.ID).Scan(&version)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
insert into eventstore.events (position, id, tenant, stream_kind, stream_id, version, type, revision, payload, subject, actor, correlation, recorded_at)
values (nextval('eventstore.positions'), $1, $2, $3, $4, $5, 'user.changed', 1, '', '', 'system', '', now())`,
			uuid.New(), id.Tenant, id.Kind, id.ID, version)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "select pg_sleep($1)", pause); err != nil {
			return err
		}
		if d.IntN(100) < 5 {
			return errRollBack
		}
		return nil
	})
	switch {
	case err == nil:
		committed.Add(1)
	case errors.Is(err, errRollBack):
		rolledBack.Add(1)
		return nil
	}
	return err
}

// storedEvents are those in the table, whatever readers saw.
func storedEvents(t testing.TB, n *node) map[eventstore.Position]eventstore.StreamID {
	t.Helper()
	events, err := n.ReadLog(t.Context(), eventstore.LogQuery{Tenant: n.tenant, Limit: eventstore.MaxBatch})
	if err != nil || len(events) == eventstore.MaxBatch {
		t.Fatalf("%d events, %v", len(events), err)
	}
	stored := make(map[eventstore.Position]eventstore.StreamID, len(events))
	for _, e := range events {
		stored[e.Position] = e.Stream
	}
	return stored
}

// reader follows the log as a projection does.
type reader struct {
	*node
	cursor   eventstore.Position
	seen     map[eventstore.Position]eventstore.StreamID
	versions map[eventstore.StreamID]uint64
}

func newReader(n *node) *reader {
	return &reader{node: n, seen: make(map[eventstore.Position]eventstore.StreamID), versions: make(map[eventstore.StreamID]uint64)}
}

// follow reads on until it stands at the position in until, once that is set.
func (r *reader) follow(ctx context.Context, until *atomic.Int64) error {
	for end := until.Load(); end == 0 || int64(r.cursor) < end; end = until.Load() {
		waiting, cancel := context.WithTimeout(ctx, 50*time.Millisecond) // to look at until again
		mark, err := r.AwaitHighWater(waiting, r.cursor)
		cancel()
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("stands at %d: %w", r.cursor, err)
			}
			continue
		}
		if err := r.readTo(ctx, mark); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readTo(ctx context.Context, mark eventstore.Position) error {
	const limit = 200
	for r.cursor < mark {
		events, err := r.ReadBatch(ctx, eventstore.Batch{After: r.cursor, UpTo: mark, Limit: limit})
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Version != r.versions[e.Stream]+1 {
				return fmt.Errorf("position %d is version %d of %s, after version %d", e.Position, e.Version, e.Stream.ID, r.versions[e.Stream])
			}
			r.versions[e.Stream] = e.Version
			r.seen[e.Position] = e.Stream
			r.cursor = e.Position
		}
		if len(events) < limit {
			r.cursor = mark
		}
	}
	return nil
}

func (r *reader) wantAll(t testing.TB, stored map[eventstore.Position]eventstore.StreamID) {
	t.Helper()
	lost := 0
	for position := range stored {
		if _, ok := r.seen[position]; !ok {
			lost++
		}
	}
	if lost > 0 || len(r.seen) != len(stored) {
		t.Errorf("of %d events the reader saw %d and lost %d", len(stored), len(r.seen), lost)
	}
}

// naiveReader believes that positions become visible in their order.
type naiveReader struct {
	pool   *pgxpool.Pool
	cursor int64
	seen   int
}

func (r *naiveReader) follow(ctx context.Context, until *atomic.Int64) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		end := until.Load()
		answer, err := r.pool.Query(ctx, "select position from eventstore.events where position > $1 order by position limit 200", r.cursor)
		if err != nil {
			return err
		}
		positions, err := pgx.CollectRows(answer, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		r.seen += len(positions)
		if len(positions) > 0 {
			r.cursor = positions[len(positions)-1]
			continue
		}
		if end > 0 && r.cursor >= end {
			return nil
		}
		<-tick.C
	}
}

// testForeignTransactions: whoever writes for long, in this database or beside it, and whoever holds a lock with the log's
// number in another database, is none of the log's business.
func testForeignTransactions(t *testing.T, open Opener) {
	log := newNode(t, open)
	beside := NewDatabase(t)
	for _, foreign := range []struct {
		name string
		pool *pgxpool.Pool
		sql  string
	}{
		{"a long write in this database", log.pool, "create table work as select 1 as n"},
		{"a long write in another database", beside, "create table work as select 1 as n"},
		{"an append to a log in another database", beside, "select pg_advisory_xact_lock_shared(" + fmt.Sprint(appendLock) + "), txid_current()"},
		{"a lock of its own in this database", log.pool, "select pg_advisory_xact_lock(42), pg_advisory_xact_lock(1936287598, 1)"},
	} {
		beside := func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), foreign.sql); err != nil {
				return err
			}
			for range 5 {
				if err := readable(t.Context(), log); err != nil {
					return err
				}
			}
			return errRollBack
		}
		if err := pgx.BeginFunc(t.Context(), foreign.pool, beside); !errors.Is(err, errRollBack) {
			t.Errorf("%s: %v", foreign.name, err)
		}
	}
}

// testBusyPool: the log's own work does not wait for connections that callers hold.
func testBusyPool(t *testing.T, open Opener) {
	log := newNode(t, open)
	for range log.pool.Config().MaxConns {
		conn, err := log.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Release)
	}
	for range 5 {
		if err := readable(t.Context(), log); err != nil {
			t.Errorf("all connections taken: %v", err)
		}
	}
}

// readable appends an event and waits until a reader may see it.
func readable(ctx context.Context, log *node) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	receipt, err := log.Append(ctx, log.change(uuid.NewString(), 0, 1))
	if err != nil {
		return err
	}
	if _, err := log.AwaitHighWater(ctx, receipt.Position-1); err != nil {
		return fmt.Errorf("readers are held up: %w", err)
	}
	return nil
}
