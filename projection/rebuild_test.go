package projection_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
)

const allUsers = "select * from projection.users"

// usersAndCounts are all rows of all tables of the model; organizations without users do not count.
func (n *node) usersAndCounts() []string {
	return slices.Concat(n.table(allUsers), n.table("select * from projection.users_count where count <> 0"),
		n.table("select * from projection.users_credentials"), n.table("select * from projection.users_metadata"))
}

func TestRebuildEqualsLive(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	n.run(projection.Options{Batch: 5}, n.users())
	round := 0
	// The histories differ, and so does how the live runner came upon them.
	rapid.Check(t, func(rt *rapid.T) {
		round++
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), uint64(round)))
		for i := range rapid.IntRange(1, 8).Draw(rt, "users") {
			history(n, r, fmt.Sprintf("r%du%d-", round, i), rapid.IntRange(0, 12).Draw(rt, "length"))
		}
		n.awaitHead("users")
	})
	live := n.usersAndCounts()
	rebuilt, err := n.operator(n.users()).Rebuild(t.Context(), "users", nil)
	if err != nil || rebuilt.Parked != 0 {
		t.Fatalf("%+v, %v", rebuilt, err)
	}
	again := n.usersAndCounts()
	for i := range max(len(live), len(again)) {
		if i >= len(live) || i >= len(again) || live[i] != again[i] {
			t.Fatalf("row %d of %d and %d:\nlive    %s\nrebuilt %s", i, len(live), len(again), live[i:min(i+1, len(live))], again[i:min(i+1, len(again))])
		}
	}
	if got, want := one[int64](n, "select sum(count) from projection.users_count"), one[int64](n, "select count(*) from projection.users where state <> 3"); got != want {
		t.Errorf("counted %d users of %d", got, want)
	}
}

// A large fill is copied, a smaller one is not; both meet a row again after it was written.
func TestRebuildOfManyUsers(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	r := rand.New(rand.NewPCG(1, 2))
	var writing sync.WaitGroup
	for w := range 16 {
		writing.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(w)))
			for range 50 {
				history(n, r, fmt.Sprintf("w%d-", w), 4)
			}
		})
	}
	writing.Wait()
	op := n.operator(n.users())
	var seen []projection.Phase
	rebuilt, err := op.Rebuild(t.Context(), "users", func(p projection.Progress) {
		if len(seen) == 0 || seen[len(seen)-1] != p.Phase {
			seen = append(seen, p.Phase)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []projection.Phase{projection.Filling, projection.Indexing, projection.CatchingUp, projection.Swapping, projection.Done}
	if !slices.Equal(seen, want) {
		t.Errorf("phases %v", seen)
	}
	if got := one[int64](n, "select count(*) from projection.users"); got != 800 || rebuilt.Events < 800 {
		t.Errorf("%d users from %d events", got, rebuilt.Events)
	}
	history(n, r, "after", 5)
	n.run(projection.Options{}, n.users())
	n.awaitHead("users")
	n.verified(n.users())
}

// Readers see every write that was acknowledged before, while the model is rebuilt again and again.
func TestRebuildUnderLoadKeepsReadsCorrect(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	n.run(projection.Options{}, n.users())
	other := n.again() // rebuilds from another process

	ctx, done := context.WithCancel(t.Context())
	var working sync.WaitGroup
	writes := time.NewTicker(time.Second / 500)
	defer writes.Stop()
	tokens := make(chan struct{}, 16)
	working.Go(func() {
		defer close(tokens)
		for ctx.Err() == nil {
			<-writes.C
			select {
			case tokens <- struct{}{}:
			default:
			}
		}
	})
	var written, wrong sync.Map
	for w := range 8 {
		working.Go(func() {
			i := 0
			for range tokens {
				id := fmt.Sprintf("w%d-%d", w, i/3)
				receipt := n.user(id, verified(n, id)...)
				i++
				n.await("users", receipt.Position)
				got := one[int64](n, "select coalesce((select version from projection.users where id = $1), 0)", id)
				if got < int64(receipt.Version) {
					wrong.Store(id, fmt.Sprintf("version %d after %d was written", got, receipt.Version))
				}
				written.Store(id, receipt.Version)
			}
		})
	}
	for range 4 {
		if _, err := other.operator(other.users()).Rebuild(t.Context(), "users", nil); err != nil {
			t.Error(err)
		}
	}
	done()
	working.Wait()
	wrong.Range(func(id, what any) bool {
		t.Errorf("read of %v: %v", id, what)
		return true
	})
	n.awaitHead("users")
	live := n.usersAndCounts()
	count := int64(0)
	written.Range(func(any, any) bool { count++; return true })
	if got := one[int64](n, "select count(*) from projection.users"); got != count || count < 8 {
		t.Errorf("%d users of %d", got, count)
	}
	n.verified(n.users())
	if _, err := other.operator(other.users()).Rebuild(t.Context(), "users", nil); err != nil {
		t.Fatal(err)
	}
	if again := n.usersAndCounts(); !slices.Equal(live, again) {
		t.Error("the rebuilt rows differ from the live ones")
	}
}

// What the live tables took in between the last catching up and the swap is in the new ones, too.
func TestSwapTakesTheLastStretch(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	stop := n.run(projection.Options{}, model)
	n.tick("user", "a")
	var last eventstore.Position
	_, err := n.again().operator(model).Rebuild(t.Context(), "tally", func(p projection.Progress) {
		if p.Phase == projection.Swapping && last == 0 {
			n.tick("user", "b")
			last = n.tick("user", "a").Position
			n.await("tally", last)
			stop() // nobody but the swap can take it in now
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := n.tallied("a"), n.tallied("b"); a != 2 || b != 1 {
		t.Errorf("a is at %d, b at %d", a, b)
	}
	if s := n.status(n.operator(model), "tally"); s.Position < last || s.Generation != 2 {
		t.Errorf("status %+v", s)
	}
}

// A generation comes with its own set of parked streams.
func TestRebuildReplacesWhatIsParked(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	model.breakStream("healed", true)
	n.run(projection.Options{}, model)
	for range 2 {
		n.tick("user", "healed")
		n.tick("user", "hurt")
	}
	n.awaitHead("tally")
	model.breakStream("healed", false)
	model.breakStream("hurt", true)
	op := n.operator(model)
	if rebuilt, err := op.Rebuild(t.Context(), "tally", nil); err != nil || rebuilt.Parked != 1 {
		t.Fatalf("%+v, %v", rebuilt, err)
	}
	if parked := n.status(op, "tally").Parked; len(parked) != 1 || parked[0].Stream.ID != "hurt" {
		t.Errorf("parked: %+v", parked)
	}
	n.tick("user", "hurt")
	n.await("tally", n.tick("user", "healed").Position)
	if healed, hurt := n.tallied("healed"), n.tallied("hurt"); healed != 3 || hurt != 1 {
		t.Errorf("healed is at %d, hurt at %d", healed, hurt)
	}
}

func TestSecondRebuildIsBusy(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	n.tick("user", "a")
	op := n.operator(model)
	var second error
	if _, err := op.Rebuild(t.Context(), "tally", func(p projection.Progress) {
		if p.Phase == projection.Indexing {
			_, second = n.again().operator(model).Rebuild(t.Context(), "tally", nil)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, projection.ErrBusy) {
		t.Errorf("second rebuild: %v", second)
	}
	if _, err := op.Rebuild(t.Context(), "nothing", nil); !errors.Is(err, projection.ErrUnknownModel) {
		t.Errorf("rebuild of nothing: %v", err)
	}
}

func TestRebuildCleansUpAfterItselfAndOthers(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	n.tick("user", "a")
	op := n.operator(model)
	const tables = "select table_name from information_schema.tables where table_schema = 'projection' and table_name like 'tally_%'"
	interrupted, stop := context.WithCancel(t.Context())
	if _, err := op.Rebuild(interrupted, "tally", func(p projection.Progress) {
		if p.Phase == projection.Indexing {
			stop()
		}
	}); err == nil {
		t.Fatal("an interrupted rebuild succeeds")
	}
	if got := n.table(tables); !slices.Equal(got, []string{"(tally_1)"}) {
		t.Errorf("after an interrupted rebuild: %v", got)
	}
	n.exec("create table projection.tally_2 (x int)")
	n.exec("insert into projection.generations values ('tally', 2, '{projection.tally_2}')")
	if _, err := op.Rebuild(t.Context(), "tally", nil); err != nil {
		t.Fatal(err)
	}
	if got := n.table(tables); !slices.Equal(got, []string{"(tally_2)"}) {
		t.Errorf("after a crashed and a whole rebuild: %v", got)
	}
}

// A reader that holds the view is waited for, and the swap does not break it.
func TestSwapWaitsForReaders(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	if _, err := n.store.AwaitHighWater(t.Context(), n.tick("user", "a").Position-1); err != nil {
		t.Fatal(err)
	}
	reader, err := n.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Exec(t.Context(), "select * from projection.tally"); err != nil {
		t.Fatal(err)
	}
	var rebuilding sync.WaitGroup
	swapping := make(chan struct{})
	var rebuildErr error
	rebuilding.Go(func() {
		_, rebuildErr = n.operator(model).Rebuild(context.Background(), "tally", func(p projection.Progress) {
			if p.Phase == projection.Swapping {
				close(swapping)
			}
		})
	})
	<-swapping
	n.eventually("the swap waits", func() bool {
		return one[int64](n, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") > 0
	})
	if _, err := reader.Exec(t.Context(), "select * from projection.tally"); err != nil {
		t.Error(err)
	}
	if err := reader.Commit(t.Context()); err != nil {
		t.Error(err)
	}
	rebuilding.Wait()
	if rebuildErr != nil {
		t.Fatal(rebuildErr)
	}
	if s := n.status(n.operator(model), "tally"); s.Generation != 2 || s.Position == 0 {
		t.Errorf("after the swap: %+v", s)
	}
}

// A newer program rebuilds by itself; the older one stands aside and does not come back.
func TestNewRevisionRebuildsByItself(t *testing.T) {
	t.Parallel()
	older := newTally()
	n := newNode(t, older)
	n.run(projection.Options{Holder: "older"}, older)
	n.await("tally", n.tick("user", "a").Position)

	newer := newTally()
	newer.revision = 2
	newer.kinds = []string{"user"} // org streams are no longer followed
	n.tick("org", "o")
	second := n.again()
	second.run(projection.Options{Holder: "newer"}, newer)
	third := n.again() // of two new nodes one rebuilds
	third.run(projection.Options{Holder: "newer, too"}, newer)
	op := n.operator(newer)
	n.eventually("the new revision is live and led by a new node", func() bool {
		n.tick("user", "a") // the older one notices by its next batch
		s := n.status(op, "tally")
		return s.Revision == 2 && strings.HasPrefix(s.Holder, "newer")
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := op.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	n.await("tally", n.tick("user", "a").Position)
	n.verified(newer)
	if got := one[int64](n, "select count(*) from projection.tally where kind = 'org'"); got != 0 {
		t.Error("the tables are the older program's")
	}
	if _, err := n.operator(older).Verify(t.Context(), "tally", nil); err == nil {
		t.Error("the older program verifies tables it did not make")
	}
}

func TestMigrateIsRepeatable(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	n.tick("user", "a")
	stop := n.run(projection.Options{}, model)
	n.awaitHead("tally")
	stop()
	var migrating sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		migrating.Go(func() { errs <- n.migrate(model, users.New(nil)) })
	}
	migrating.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if got := n.tallied("a"); got != 1 {
		t.Errorf("migrating again loses rows: %d", got)
	}
}

func TestReadyWaitsForTheHead(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	n.tick("user", "a")
	op := n.operator(model)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := op.Ready(short); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("nobody runs the projection: %v", err)
	}
	n.run(projection.Options{}, model)
	long, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := op.Ready(long); err != nil {
		t.Error(err)
	}
}
