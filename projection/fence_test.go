package projection_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// paused is a model whose first Take waits, as a process does that the machine has stopped.
type paused struct {
	*tally
	reached, goOn chan struct{}
	used          atomic.Bool
}

func newPaused() *paused {
	return &paused{tally: newTally(), reached: make(chan struct{}), goOn: make(chan struct{})}
}

func (m *paused) Open(generation int) projection.Fold {
	return &pausedFold{Fold: m.tally.Open(generation), model: m}
}

type pausedFold struct {
	projection.Fold
	model *paused
}

func (f *pausedFold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	failed, err := f.Fold.Take(ctx, q, events)
	if f.model.used.CompareAndSwap(false, true) {
		close(f.model.reached)
		<-f.model.goOn
	}
	return failed, err
}

func (f *pausedFold) Queue(batch *pgx.Batch) { f.Fold.Queue(batch) }

// A holder that was stopped in the middle of a batch, and wakes up after another took over, writes nothing.
func TestHolderOfAnEarlierTermWritesNothing(t *testing.T) {
	t.Parallel()
	n := newNode(t, newTally())
	begin := time.Now()
	stuck := newPaused()
	n.tick("user", "a")
	n.run(projection.Options{Holder: "stuck", TTL: time.Hour, Now: func() time.Time { return begin }}, stuck)
	<-stuck.reached
	second := n.again()
	model := newTally()
	second.run(projection.Options{Holder: "second", TTL: time.Hour, Now: func() time.Time { return begin.Add(2 * time.Hour) }}, model)
	n.tick("user", "b")
	at := n.awaitHead("tally")
	n.exec("update projection.tally_1 set skipped = 7 where id = 'a'") // what the stuck one would overwrite
	close(stuck.goOn)
	for range 20 {
		at = n.tick("user", "b").Position
		n.await("tally", at)
	}
	if got := one[int64](n, "select skipped from projection.tally where id = 'a'"); got != 7 {
		t.Error("the batch of the earlier term was written")
	}
	if s := n.status(n.operator(model), "tally"); s.Holder != "second" || s.Position < at {
		t.Errorf("status %+v", s)
	}
	if got := n.tallied("b"); got != 21 {
		t.Errorf("%d events of 21", got)
	}
}

// The same for a holder that was stopped while a rebuild put another generation in place.
func TestBatchForAnEarlierGenerationIsTakenAgain(t *testing.T) {
	t.Parallel()
	n := newNode(t, newTally())
	stuck := newPaused()
	n.tick("user", "a")
	n.run(projection.Options{}, stuck)
	<-stuck.reached
	other := n.again()
	n.tick("user", "a")
	if _, err := other.operator(newTally()).Rebuild(t.Context(), "tally", nil); err != nil {
		t.Fatal(err)
	}
	close(stuck.goOn)
	n.await("tally", n.tick("user", "a").Position)
	if s := n.status(n.operator(stuck), "tally"); s.Generation != 2 {
		t.Errorf("status %+v", s)
	}
	if got := n.tallied("a"); got != 3 {
		t.Errorf("%d events of 3", got)
	}
	n.verified(newTally())
}
