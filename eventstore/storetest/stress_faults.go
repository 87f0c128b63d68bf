package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
)

// Faults kills and restarts Postgres under load. What was acknowledged must be there once, what was not at most once;
// callers see ErrUnavailable and nothing worse; and writers, readers and listeners carry on by themselves.
func Faults(t *testing.T, open Opener) {
	for name, fault := range map[string]func(*Cluster){
		"killed":    (*Cluster).Kill,
		"restarted": (*Cluster).Restart,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testFault(t, open, fault)
		})
	}
	t.Run("positions lost in a crash", func(t *testing.T) {
		t.Parallel()
		testLostPositions(t, open)
	})
}

// testLostPositions: a crash takes back positions that no commit made durable, and they are handed out again. Readers must
// not have been told that the log is complete up to there.
func testLostPositions(t *testing.T, open Opener) {
	cluster := NewCluster(t)
	log := openNode(t, open, cluster.Pool(), eventstore.Options{})
	first := log.append(t, log.change("first", 0, 1))
	urge(t, log) // what the log does after an append is then done, and nothing else makes the positions below durable

	tx, err := log.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// More than a sequence logs at once.
	const takePositions = `
select pg_backend_pid(), pg_advisory_xact_lock_shared($1)::text, (select max(nextval('eventstore.positions')) from generate_series(1, 100))`
	var backend int
	if err := tx.QueryRow(t.Context(), takePositions, appendLock).Scan(&backend, nil, nil); err != nil {
		t.Fatal(err)
	}
	urge(t, log)
	// The death of one of its processes makes Postgres throw away all that is not on disk and recover.
	if err := syscall.Kill(backend, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = tx.Rollback(t.Context()) // its connection is gone
	eventually(t, "the log is back", func() bool { _, err := log.Head(t.Context()); return err == nil })
	urge(t, log)
	safe := log.HighWater()
	change := log.change("second", 0, 1)
	var second eventstore.Receipt
	eventually(t, "the log takes appends", func() bool {
		second, err = log.Append(t.Context(), change)
		return err == nil
	})
	t.Logf("before the crash at %d, called complete up to %d, after it at %d", first.Position, safe, second.Position)
	if err := wantAbove(second, change, safe); err != nil {
		t.Error(err)
	}
	if _, err := log.AwaitHighWater(soon(t), second.Position-1); err != nil {
		t.Errorf("high water: %v", err)
	}
}

// urge makes the log look for what is complete, several times.
func urge(t testing.TB, n *node) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	wantError(t, "await the impossible", n.Await(ctx, "nobody", 1<<60), eventstore.ErrUnavailable)
}

func testFault(t *testing.T, open Opener, fault func(*Cluster)) {
	cluster := NewCluster(t)
	a := openNode(t, open, cluster.Pool(), eventstore.Options{})
	b := openNode(t, open, cluster.Pool(), eventstore.Options{})
	untilListening(t, a, b)

	const writers, rounds = 8, 3
	load := &load{acknowledged: make(map[uuid.UUID]ack), refused: make(map[uuid.UUID]bool)}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writing, reading sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			if err := load.write(ctx, []*node{a, b}[w%2], fmt.Sprint("writer ", w)); err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	readers := []*reader{newReader(a), newReader(b)}
	var until atomic.Int64
	for _, r := range readers {
		reading.Go(func() {
			if err := r.followThrough(soon(t), &until); err != nil {
				t.Errorf("reader: %v", err)
			}
		})
	}
	for range rounds {
		load.awaitMore(t)
		fault(cluster)
		load.awaitMore(t)
	}
	stop()
	writing.Wait()

	untilWoken(t, a, "after the fault", 1, waiters(t, b, "after the fault", 1))
	receipt := a.append(t, a.change("last", 0, 1))
	until.Store(int64(receipt.Position))
	reading.Wait()

	stored := storedEvents(t, a)
	for _, r := range readers {
		r.wantAll(t, stored)
	}
	load.check(t, a)
}

type ack struct {
	id       eventstore.StreamID
	version  uint64
	position eventstore.Position
}

// load remembers what writers were told.
type load struct {
	mu           sync.Mutex
	acknowledged map[uuid.UUID]ack
	refused      map[uuid.UUID]bool // with a conflict: must not be there
	unavailable  int
}

// write appends to a stream of its own until ctx ends, and after a failure goes on from where the stream is.
func (l *load) write(ctx context.Context, n *node, id string) error {
	var version uint64
	known := true
	for ctx.Err() == nil {
		if !known {
			head, err := n.StreamHead(context.WithoutCancel(ctx), n.stream(id))
			if err != nil {
				if err := l.pause(ctx, err); err != nil {
					return err
				}
				continue
			}
			version, known = head.Version, true
		}
		c := n.change(id, version, 1)
		safe := n.HighWater()
		receipt, err := n.Append(context.WithoutCancel(ctx), c)
		switch {
		case err == nil:
			if err := wantAbove(receipt, c, safe); err != nil {
				return err
			}
			l.told(c, receipt)
			version = receipt.Version
		case errors.Is(err, eventstore.ErrConflict):
			l.toldRefused(c)
			known = false
		default:
			known = false
			if err := l.pause(ctx, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// pause lets some time pass after a failure that is allowed.
func (l *load) pause(ctx context.Context, err error) error {
	if !errors.Is(err, eventstore.ErrUnavailable) {
		return fmt.Errorf("failed with what is not ErrUnavailable: %w", err)
	}
	l.mu.Lock()
	l.unavailable++
	l.mu.Unlock()
	select {
	case <-time.After(5 * time.Millisecond):
	case <-ctx.Done():
	}
	return nil
}

func (l *load) told(c eventstore.Change, r eventstore.Receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acknowledged[c.Events[0].ID] = ack{c.Stream, r.Version, r.Position}
}

func (l *load) toldRefused(c eventstore.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused[c.Events[0].ID] = true
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acknowledged)
}

// awaitMore waits until a good deal more was acknowledged.
func (l *load) awaitMore(t testing.TB) {
	t.Helper()
	before := l.count()
	eventually(t, "appends are acknowledged", func() bool { return l.count() >= before+300 })
}

func (l *load) check(t testing.TB, n *node) {
	t.Helper()
	events, err := n.ReadLog(t.Context(), eventstore.LogQuery{Tenant: n.tenant, Limit: eventstore.MaxBatch})
	if err != nil || len(events) == eventstore.MaxBatch {
		t.Fatalf("%d events, %v", len(events), err)
	}
	byID := make(map[uuid.UUID]eventstore.Event, len(events))
	for _, e := range events {
		if _, twice := byID[e.ID]; twice {
			t.Errorf("event %s is there twice", e.ID)
		}
		byID[e.ID] = e
		if l.refused[e.ID] {
			t.Errorf("event %s was refused with a conflict, but is there", e.ID)
		}
	}
	lost := 0
	for id, told := range l.acknowledged {
		e, ok := byID[id]
		if !ok {
			lost++
		} else if e.Stream != told.id || e.Version != told.version || e.Position != told.position {
			t.Errorf("acknowledged as %+v, stored as version %d at %d", told, e.Version, e.Position)
		}
	}
	t.Logf("%d acknowledged, %d times unavailable, %d events stored", len(l.acknowledged), l.unavailable, len(events))
	if lost > 0 {
		t.Errorf("%d of %d acknowledged appends are lost", lost, len(l.acknowledged))
	}
	if l.unavailable == 0 {
		t.Error("nobody noticed the faults")
	}
}

// followThrough is follow for a reader that meets a database out of reach.
func (r *reader) followThrough(ctx context.Context, until *atomic.Int64) error {
	for {
		err := r.follow(ctx, until)
		if err == nil || !errors.Is(err, eventstore.ErrUnavailable) {
			return err
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
