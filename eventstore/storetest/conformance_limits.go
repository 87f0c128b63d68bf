package storetest

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// limit allows three attempts at once, and the next ones after 1, 2, 4 and 5 seconds.
func limit(key string) eventstore.Limit {
	return eventstore.Limit{
		Name: "sign-in", Digest: []byte(key), Free: 3, Delay: time.Second, Most: 5 * time.Second, Forget: time.Minute,
	}
}

func testLimits(t *testing.T, open Opener) {
	clock := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	log := openNode(t, open, NewDatabase(t), eventstore.Options{Now: func() time.Time { return clock }})
	take := func(t *testing.T, limits ...eventstore.Limit) eventstore.Taken {
		t.Helper()
		taken, err := log.Take(t.Context(), log.tenant, limits...)
		if err != nil {
			t.Fatalf("take: %v", err)
		}
		return taken
	}
	counts := func(t *testing.T, want []int, limits ...eventstore.Limit) {
		t.Helper()
		if got := take(t, limits...); !slices.Equal(got.Used, want) || got.Wait != 0 {
			t.Errorf("counted %v, wait %v; want %v", got.Used, got.Wait, want)
		}
	}
	waits := func(t *testing.T, want time.Duration, limits ...eventstore.Limit) {
		t.Helper()
		if got := take(t, limits...); len(got.Used) != 0 || got.Wait != want {
			t.Errorf("counted %v, wait %v; want to wait %v", got.Used, got.Wait, want)
		}
	}
	pass := func(d time.Duration) { clock = clock.Add(d) }

	t.Run("each attempt that is not free waits twice as long as the one before", func(t *testing.T) {
		a := limit("ada")
		for n := 1; n <= 3; n++ {
			counts(t, []int{n}, a)
		}
		for n, delay := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
			waits(t, delay, a)
			pass(delay - time.Microsecond)
			waits(t, time.Microsecond, a)
			pass(time.Microsecond)
			counts(t, []int{n + 4}, a)
		}
	})
	t.Run("who is left alone is forgotten", func(t *testing.T) {
		a := limit("bob")
		for n := 1; n <= 3; n++ {
			counts(t, []int{n}, a)
		}
		pass(time.Minute - time.Microsecond)
		counts(t, []int{4}, a)
		pass(30 * time.Second)
		counts(t, []int{5}, a)
		pass(time.Minute)
		counts(t, []int{1}, a)
		counts(t, []int{2}, a)
	})
	t.Run("a count is kept as long as its longest delay", func(t *testing.T) {
		a := limit("carl")
		a.Free, a.Delay, a.Most, a.Forget = 1, time.Hour, time.Hour, time.Second
		counts(t, []int{1}, a)
		pass(time.Minute)
		waits(t, 59*time.Minute, a)
	})
	t.Run("all are counted, or none", func(t *testing.T) {
		a, b, c := limit("dora"), limit("erin"), limit("frank")
		for n := 1; n <= 3; n++ {
			counts(t, []int{n}, b)
		}
		pass(100 * time.Millisecond)
		for n := 1; n <= 3; n++ {
			counts(t, []int{n}, c)
		}
		waits(t, time.Second, a, b, c) // the longest
		waits(t, 900*time.Millisecond, b, a)
		counts(t, []int{1}, a)
		pass(time.Second)
		counts(t, []int{4, 2, 4}, c, a, b)
	})
	t.Run("limits are apart by name, digest and tenant", func(t *testing.T) {
		a := limit("grace")
		a.Free, a.Delay, a.Most = 1, time.Hour, time.Hour
		counts(t, []int{1}, a)
		waits(t, time.Hour, a)
		named, other := a, a
		named.Name, other.Digest = "code", []byte("heidi")
		counts(t, []int{1, 1}, named, other)
		if taken, err := log.Take(t.Context(), "elsewhere", a); err != nil || len(taken.Used) != 1 {
			t.Errorf("another tenant: %v, %v", taken, err)
		}
	})
	t.Run("named twice, counted once", func(t *testing.T) {
		counts(t, []int{1, 1}, limit("ivan"), limit("ivan"))
		counts(t, []int{2}, limit("ivan"))
	})
	t.Run("delays do not overflow", func(t *testing.T) {
		a := limit("judy")
		a.Free, a.Delay, a.Most, a.Forget = 0, 24*time.Hour, 24*time.Hour, 48*time.Hour
		for n := range 100 {
			counts(t, []int{n + 1}, a)
			waits(t, 24*time.Hour, a)
			pass(24 * time.Hour)
		}
	})
	t.Run("forgiven", func(t *testing.T) {
		a, b := limit("ken"), limit("liam")
		for n := 1; n <= 3; n++ {
			counts(t, []int{n, n}, a, b)
		}
		if err := log.Forgive(t.Context(), log.tenant, a, limit("nobody")); err != nil {
			t.Fatal(err)
		}
		counts(t, []int{1}, a)
		waits(t, time.Second, b)
	})
	t.Run("of a shared limit one attempt is given back", func(t *testing.T) {
		a := limit("office")
		a.Shared = true
		back := func() {
			t.Helper()
			if err := log.Forgive(t.Context(), log.tenant, a); err != nil {
				t.Fatal(err)
			}
		}
		back() // of nothing
		for range 10 {
			counts(t, []int{1}, a)
			back()
		}
		counts(t, []int{1}, a)
		counts(t, []int{2}, a)
		for range 10 {
			counts(t, []int{3}, a)
			waits(t, time.Second, a)
			back() // the rest is free
		}
		counts(t, []int{3}, a)
		pass(time.Second)
		counts(t, []int{4}, a)
		back()
		waits(t, 2*time.Second, a) // and does not end a delay that others are under
		pass(2 * time.Second)
		counts(t, []int{5}, a)
	})
	t.Run("nothing is no attempt", func(t *testing.T) {
		counts(t, nil)
		if err := log.Forgive(t.Context(), log.tenant); err != nil {
			t.Error(err)
		}
	})
	t.Run("together, on two nodes", func(t *testing.T) { takeTogether(t, open, log, clock) })
}

// takeTogether has many take the same limits at once, in every order.
func takeTogether(t *testing.T, open Opener, log *node, now time.Time) {
	other := openNode(t, open, anotherPool(t, log.pool), eventstore.Options{Now: func() time.Time { return now }})
	tight, wide := limit("mallory"), limit("network")
	wide.Free = 40
	var counted, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		limits := []eventstore.Limit{tight, wide}
		if i%4 > 1 {
			limits[0].Digest = []byte("alone " + strconv.Itoa(i)) // who is refused for nothing but the network
		}
		if i%3 == 0 {
			slices.Reverse(limits)
		}
		all.Go(func() {
			taken, err := []*node{log, other}[i%2].Take(t.Context(), log.tenant, limits...)
			switch {
			case err != nil:
				t.Errorf("take: %v", err)
			case len(taken.Used) == 2:
				counted.Add(1)
			default:
				refused.Add(1)
			}
		})
	}
	all.Wait()
	if counted.Load() != 40 || refused.Load() != 160 {
		t.Errorf("%d counted, %d refused; the network has 40", counted.Load(), refused.Load())
	}
	// Whoever was refused left no count behind: the sum over the others is what the network counted.
	sums := rows(t, log, `
select (name || ' ' || sum(used) filter (where digest <> 'network') || ' ' || sum(used) filter (where digest = 'network'))
  from eventstore.limits
 where tenant = $1 and (digest in ('mallory', 'network') or encode(digest, 'escape') like 'alone %')
 group by name`, log.tenant)
	if len(sums) != 1 || sums[0] != "sign-in 40 40" {
		t.Errorf("counters: %q", sums)
	}
}

func testSweep(t *testing.T, open Opener) {
	clock := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	log := openNode(t, open, NewDatabase(t), eventstore.Options{Now: func() time.Time { return clock }})
	left := func() int {
		return len(rows(t, log, `select encode(digest, 'hex') from eventstore.limits union all select secret from eventstore.attempts`))
	}
	sweep := func(want int) {
		t.Helper()
		if swept, err := log.Sweep(t.Context()); err != nil || swept != want {
			t.Errorf("swept %d, %v; want %d", swept, err, want)
		}
	}
	take := func(key string) {
		t.Helper()
		if _, err := log.Take(t.Context(), log.tenant, limit(key)); err != nil {
			t.Fatal(err)
		}
	}
	const many = 2500 // more than one batch
	if _, err := log.pool.Exec(t.Context(), `
insert into eventstore.limits (tenant, name, digest, used, since, blocked, forgotten)
select 'default', 'old', int4send(n), 1, $1::timestamptz, '-infinity', $1::timestamptz + interval '1 minute' from generate_series(1, $2) n`,
		clock, many); err != nil {
		t.Fatal(err)
	}
	take("alive")
	code := eventstore.Attempt{Stream: log.stream("ada"), Secret: "code"}
	if _, err := log.Spend(t.Context(), code, 5, 0); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(24 * time.Hour)
	sweep(0)
	clock = clock.Add(30 * time.Second)
	take("alive") // begins anew
	clock = clock.Add(31 * time.Second)
	sweep(many)
	clock = clock.Add(6*24*time.Hour - 61*time.Second)
	sweep(1) // the limit that was alive a day ago
	if left() != 1 {
		t.Errorf("%d rows left", left())
	}
	clock = clock.Add(time.Microsecond)
	sweep(1)
	if left() != 0 {
		t.Errorf("%d rows left", left())
	}
}
