package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

func announce(t testing.TB, n *node, checkpoint string, position eventstore.Position) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), n.pool, func(tx pgx.Tx) error { return n.Announce(t.Context(), tx, checkpoint, position) })
	if err != nil {
		t.Errorf("announce: %v", err)
	}
}

func testCheckpoints(t *testing.T, open Opener) {
	here, there := newPair(t, open)

	t.Run("one that was reached keeps nobody waiting", func(t *testing.T) {
		here.Reached("passed", 10)
		for _, position := range []eventstore.Position{0, 1, 10} {
			if err := here.Await(t.Context(), "passed", position); err != nil {
				t.Errorf("await %d: %v", position, err)
			}
		}
		here.Reached("passed", 3) // never backwards
		if err := here.Await(t.Context(), "passed", 10); err != nil {
			t.Errorf("await 10 again: %v", err)
		}
	})
	t.Run("a waiter gives up in the end", func(t *testing.T) {
		here.Reached("stuck", 4)
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
		defer cancel()
		err := here.Await(ctx, "stuck", 5)
		wantError(t, "await", err, eventstore.ErrUnavailable)
		wantError(t, "await", err, context.DeadlineExceeded)
		wantError(t, "await another", here.Await(ctx, "never heard of", 1), eventstore.ErrUnavailable)
	})
	t.Run("whoever reaches it wakes this process", func(t *testing.T) {
		woken := waiters(t, here, "local", 7)
		here.Reached("other", 100)
		here.Reached("local", 6)
		select {
		case err := <-woken:
			t.Errorf("woken too early: %v", err)
		default:
		}
		here.Reached("local", 8)
		wantWoken(t, woken)
	})
	// No row stands in the table, so that only the notification can wake them.
	t.Run("an announcement wakes every process", func(t *testing.T) {
		wokenHere, wokenThere := waiters(t, here, "announced", 9), waiters(t, there, "announced", 9)
		untilWoken(t, here, "announced", 9, wokenHere)
		untilWoken(t, here, "announced", 9, wokenThere)
	})
	t.Run("an announcement that is rolled back wakes nobody", func(t *testing.T) {
		tx, err := here.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := here.Announce(t.Context(), tx, "rolled back", 5); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Notifications keep their order: once the later one is there, the earlier would have been.
		untilWoken(t, here, "rolled back", 4, waiters(t, there, "rolled back", 4))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		wantError(t, "await", there.Await(ctx, "rolled back", 5), eventstore.ErrUnavailable)
	})
	t.Run("a stored checkpoint is found without an announcement", func(t *testing.T) {
		woken := waiters(t, there, "stored", 3)
		_, err := here.pool.Exec(t.Context(), "insert into eventstore.checkpoints values ('stored', 1, 3, 1, now())")
		if err != nil {
			t.Fatal(err)
		}
		wantWoken(t, woken)
	})
}

// waiters starts some waiters for a checkpoint; each sends what it got.
func waiters(t testing.TB, n *node, checkpoint string, position eventstore.Position) <-chan error {
	const count = 3
	woken := make(chan error, count)
	ctx := soon(t)
	for range count {
		go func() { woken <- n.Await(ctx, checkpoint, position) }()
	}
	return woken
}

func wantWoken(t testing.TB, woken <-chan error) {
	t.Helper()
	for range cap(woken) {
		if err := <-woken; err != nil {
			t.Errorf("await: %v", err)
		}
	}
}

// untilWoken announces until all waiters are back: a listener may be about to connect.
func untilWoken(t testing.TB, n *node, checkpoint string, position eventstore.Position, woken <-chan error) {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	announce(t, n, checkpoint, position)
	for back := 0; back < cap(woken); {
		select {
		case err := <-woken:
			if back++; err != nil {
				t.Errorf("await: %v", err)
			}
		case <-again.C:
			announce(t, n, checkpoint, position)
		}
	}
}

func testObservers(t *testing.T, open Opener) {
	pool := NewDatabase(t)
	var mu sync.Mutex
	first, second := make(map[eventstore.Position]bool), 0
	var committed *node // sees the log from outside
	log := openNode(t, open, anotherPool(t, pool), eventstore.Options{Observers: []func([]eventstore.Event){
		func(events []eventstore.Event) {
			for _, e := range events { // this takes a while, during which no append may return
				if at, err := committed.EventsAt(context.Background(), e.Position); err != nil || len(at) != 1 {
					t.Errorf("position %d is not committed when observed: %v", e.Position, err)
				} else if d := difference(e, at[0]); d != "" {
					t.Errorf("observed differs from stored: %s", d)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for _, e := range events {
				if first[e.Position] {
					t.Errorf("position %d was observed twice", e.Position)
				}
				first[e.Position] = true
			}
		},
		func(events []eventstore.Event) { mu.Lock(); second += len(events); mu.Unlock() },
	}})
	committed = openNode(t, open, pool, eventstore.Options{})
	seen := func(p eventstore.Position) bool {
		mu.Lock()
		defer mu.Unlock()
		return first[p]
	}

	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 10 {
				c := log.change(fmt.Sprint("writer ", w), uint64(2*i), 2)
				c.Metadata.Client = []byte("client")
				receipt, err := log.Append(t.Context(), c)
				if err != nil || !seen(receipt.Position) {
					t.Errorf("append: %v; observed before it returned: %v", err, seen(receipt.Position))
				}
				if _, err := log.Append(t.Context(), c); err == nil {
					t.Error("the same change was written twice")
				}
			}
		})
	}
	writers.Wait()
	committed.append(t, committed.change("elsewhere", 0, 1))
	if len(first) != 160 || second != 160 {
		t.Errorf("%d and %d events observed, want 160 each", len(first), second)
	}
}

func testCancellation(t *testing.T, open Opener) {
	log := newNode(t, open)
	t.Run("an ended context appends nothing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			_, err := log.Append(ctx, log.change("never", 0, 1))
			wantError(t, "append", err, context.Canceled)
		}
		log.append(t, log.change("never", 0, 1)) // would come after them, and meet a stream that exists
	})
	t.Run("a caller that leaves holds up nobody", func(t *testing.T) {
		open := log.shut(t)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := log.Append(ctx, log.change("left", 0, 1))
			left <- err
		}()
		log.awaitAtGate(t, 1)
		cancel()
		wantError(t, "append", <-left, context.Canceled)
		open()
		// Whether it was written its caller learns from the stream alone; this one had reached the database.
		eventually(t, "the change is written", func() bool { return log.version(t, "left") == 1 })
		log.append(t, log.change("left", 1, 1))
	})
	t.Run("reads and waits end with their context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := log.ReadStream(ctx, log.stream("left"), 0)
		wantError(t, "read", err, context.Canceled)
		_, err = log.AwaitHighWater(ctx, 1<<40)
		wantError(t, "await", err, context.Canceled)
	})
}

func testClose(t *testing.T, open Opener) {
	log := newNode(t, open)
	gate := log.shut(t)
	under := make(chan outcome)
	go func() {
		receipt, err := log.Append(t.Context(), log.change("under way", 0, 1))
		under <- outcome{receipt, err}
	}()
	log.awaitAtGate(t, 1)
	closed := make(chan struct{})
	go func() {
		log.Close()
		close(closed)
	}()
	select {
	case <-closed:
		t.Error("closed before the append under way was done")
	case o := <-under:
		t.Errorf("append under way ended with %+v", o)
	case <-time.After(20 * time.Millisecond):
	}
	gate()
	if o := <-under; o.err != nil || o.receipt.Version != 1 {
		t.Errorf("append under way ended with %+v", o)
	}
	<-closed
	_, err := log.Append(t.Context(), log.change("late", 0, 1))
	wantError(t, "append to a closed log", err, eventstore.ErrUnavailable)
	log.Close() // once more does no harm
	if log.version(t, "late") != 0 || log.version(t, "under way") != 1 {
		t.Error("the pool is the caller's and stays open; what was acknowledged is there")
	}
}
