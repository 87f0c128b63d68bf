package notification

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// take acquires a lease that must be free.
func take(t *testing.T, l *lease) *held {
	t.Helper()
	h, err := l.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestLeaseIsExclusive(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	first := &lease{pool: pool, holder: "first", ttl: time.Hour}
	second := &lease{pool: pool, holder: "second", ttl: time.Hour}
	a := take(t, first)
	if _, err := second.acquire(t.Context()); !errors.Is(err, errLeaseLost) {
		t.Errorf("a held lease is taken: %v", err)
	}
	if err := a.renew(t.Context()); err != nil {
		t.Errorf("renewal: %v", err)
	}
	if err := (&held{lease: second, term: a.term}).release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := second.acquire(t.Context()); !errors.Is(err, errLeaseLost) {
		t.Errorf("a stranger released the lease: %v", err)
	}
	if err := a.release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b := take(t, second); a.term != 1 || b.term != 2 {
		t.Errorf("terms %d and %d", a.term, b.term)
	}
	if err := a.renew(t.Context()); !errors.Is(err, errLeaseLost) {
		t.Errorf("a lost lease is renewed: %v", err)
	}
}

func TestStaleTermCannotMoveTheCheckpoint(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	var holders [2]*held
	for i, name := range []string{"first", "second"} {
		holders[i] = take(t, &lease{pool: pool, holder: name}) // runs out as soon as it is taken
		if _, err := holders[i].takeCheckpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	stale, next := holders[0], holders[1]
	if err := stale.saveCheckpoint(t.Context(), store, 100); !errors.Is(err, errLeaseLost) {
		t.Errorf("the stale holder moved the checkpoint: %v", err)
	}
	if _, err := stale.takeCheckpoint(t.Context()); !errors.Is(err, errLeaseLost) {
		t.Errorf("the stale holder took the checkpoint: %v", err)
	}
	if err := next.saveCheckpoint(t.Context(), store, 7); err != nil {
		t.Fatal(err)
	}
	if pos, err := next.takeCheckpoint(t.Context()); err != nil || pos != 7 {
		t.Errorf("checkpoint at %d, %v", pos, err)
	}
}

func TestLostLeaseIsNoticed(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	// After a long pause of this process another one had the lease, and then it was free again: the same holder in a later
	// term is not the holder any more.
	l := &lease{pool: pool, holder: "first", ttl: 30 * time.Millisecond}
	h := take(t, l)
	if _, err := pool.Exec(t.Context(), "update eventstore.leases set term = term + 2"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	lost := false
	h.keep(ctx, func() { lost = true })
	if !lost || ctx.Err() != nil {
		t.Error("the holder did not notice")
	}
}
