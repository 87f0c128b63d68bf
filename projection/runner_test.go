package projection_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/signet-iam/signet/projection"
)

func TestEventsOfOtherKindsMoveTheCheckpoint(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	n.run(projection.Options{}, model)
	n.await("tally", n.tick("delivery", "d").Position)
	if got := n.table("select * from projection.tally"); len(got) != 0 {
		t.Errorf("the model took in %v", got)
	}
}

func TestOneBatchAtATimeAndSeveralBatches(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	for range 5 {
		for _, id := range []string{"a", "b", "c"} {
			n.tick("user", id)
		}
	}
	n.run(projection.Options{Batch: 2}, model)
	n.awaitHead("tally")
	n.verified(model)
}

// Two models of one process share what is read, although they stand at different places at first.
func TestModelsShareTheReader(t *testing.T) {
	t.Parallel()
	first := newTally()
	n := newNode(t, first, newNode(t).users())
	stop := n.run(projection.Options{}, first)
	for range 10 {
		n.user("ada", person("ada"))
		n.user("ada", removed())
	}
	n.awaitHead("tally")
	stop()
	n.user("ada", person("ada"))
	n.run(projection.Options{Batch: 3}, first, n.users())
	n.awaitHead("tally")
	n.awaitHead("users")
	n.verified(first)
	n.verified(n.users())
}

func TestAnotherProcessTakesOverAfterRelease(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	// The time to live outlasts the test: only release can hand over.
	stop := n.run(projection.Options{Holder: "first", TTL: time.Hour}, model)
	n.await("tally", n.tick("user", "a").Position)
	second := n.again()
	second.run(projection.Options{Holder: "second", TTL: time.Hour}, model)
	n.await("tally", n.tick("user", "a").Position)
	op := n.operator(model)
	if s := n.status(op, "tally"); s.Holder != "first" || s.Term != 1 {
		t.Fatalf("both run: %+v", s)
	}
	stop()
	n.await("tally", n.tick("user", "a").Position)
	if s := n.status(op, "tally"); s.Holder != "second" || s.Term != 2 {
		t.Errorf("after the release: %+v", s)
	}
	n.verified(model)
}

func TestAnotherProcessTakesOverWhenTheHoldersConnectionDies(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	n.run(projection.Options{Holder: "first", TTL: time.Hour}, model)
	n.await("tally", n.tick("user", "a").Position)
	second := n.again()
	second.run(projection.Options{Holder: "second", TTL: time.Hour}, model)
	n.eventually("one of them holds the second term", func() bool {
		// The one that holds the session lock; the other has none yet.
		n.exec(`select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a using (pid)
			where l.locktype = 'advisory' and l.granted and a.datname = current_database() and a.application_name = 'signet-projection'
			  and (select holder from eventstore.leases) = 'first'`)
		return n.status(n.operator(model), "tally").Holder == "second"
	})
	n.await("tally", n.tick("user", "a").Position)
	n.verified(model)
}

// Whoever holds a lease without renewing it is replaced when it runs out, even if its connection lives.
func TestAnotherProcessTakesOverAfterExpiry(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	begin := time.Now()
	clock := func(d time.Duration) func() time.Time { return func() time.Time { return begin.Add(d) } }
	n.run(projection.Options{Holder: "stuck", TTL: time.Hour, Now: clock(0)}, model)
	n.await("tally", n.tick("user", "a").Position)
	early := n.again()
	early.run(projection.Options{Holder: "early", TTL: time.Hour, Now: clock(59 * time.Minute)}, model)
	n.await("tally", n.tick("user", "a").Position)
	late := n.again()
	late.run(projection.Options{Holder: "late", TTL: time.Hour, Now: clock(2 * time.Hour)}, model)
	n.eventually("the late one takes over", func() bool { return one[string](n, "select holder from eventstore.leases") == "late" })
	n.await("tally", n.tick("user", "a").Position)
	for range 10 {
		n.await("tally", n.tick("user", "a").Position)
	}
	if holder := one[string](n, "select holder from eventstore.leases"); holder != "late" {
		t.Errorf("%s runs the projection", holder)
	}
	n.verified(model)
}

// A runner that is stopped anywhere leaves tables that the next one continues.
func TestRunnerStoppedAnywhere(t *testing.T) {
	t.Parallel()
	n := newNode(t, newNode(t).users())
	var writing sync.WaitGroup
	for w := range 4 {
		writing.Go(func() {
			for i := range 100 {
				history(n, rand.New(rand.NewPCG(uint64(w), uint64(i))), string(rune('a'+w)), 3)
			}
		})
	}
	for range 20 {
		stop := n.run(projection.Options{Batch: 20}, n.users())
		n.await("users", n.user("z", verified(n, "z")...).Position)
		stop()
	}
	writing.Wait()
	n.run(projection.Options{}, n.users())
	n.awaitHead("users")
	n.verified(n.users())
}

func TestRunnerOutlivesItsConnections(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	n.run(projection.Options{}, model)
	for range 5 {
		at := n.tick("user", "a").Position
		n.exec("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'signet-projection'")
		n.await("tally", at)
	}
	n.await("tally", n.tick("user", "a").Position)
	n.verified(model)
}

func TestReducerFaultStopsTheModelUntilItPasses(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	model.mu.Lock()
	model.fault = errBroken
	model.mu.Unlock()
	n.run(projection.Options{}, model)
	at := n.tick("user", "a").Position
	n.eventually("the lease is taken", func() bool { return n.status(n.operator(model), "tally").Term > 0 })
	if s := n.status(n.operator(model), "tally"); s.Position != 0 || len(s.Parked) != 0 {
		t.Errorf("a fault that no event caused: %+v", s)
	}
	model.mu.Lock()
	model.fault = nil
	model.mu.Unlock()
	n.await("tally", at)
}
