package storetest

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

func testAttempts(t *testing.T, open Opener) {
	clock := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	log := openNode(t, open, NewDatabase(t), eventstore.Options{Now: func() time.Time { return clock }})
	spend := func(t *testing.T, a eventstore.Attempt, limit int, window time.Duration, want int) {
		t.Helper()
		used, err := log.Spend(t.Context(), a, limit, window)
		if want == 0 {
			wantError(t, "spend", err, eventstore.ErrBudgetSpent)
		} else if err != nil || used != want {
			t.Errorf("spent %d, %v; want %d", used, err, want)
		}
	}
	attempt := func(id, secret string) eventstore.Attempt {
		return eventstore.Attempt{Stream: log.stream(id), Secret: secret}
	}

	t.Run("a budget is spent guess by guess", func(t *testing.T) {
		a := attempt("ada", "code")
		for used := 1; used <= 5; used++ {
			spend(t, a, 5, 0, used)
		}
		spend(t, a, 5, 0, 0)
		spend(t, a, 5, 0, 0)
		clock = clock.Add(24 * 365 * time.Hour)
		spend(t, a, 5, 0, 0) // without a window it never refills
		spend(t, a, 6, 0, 6) // a refused guess is not counted
	})
	t.Run("budgets are apart by secret, stream, kind and tenant", func(t *testing.T) {
		a := attempt("bob", "code")
		spend(t, a, 1, 0, 1)
		spend(t, attempt("bob", "password"), 1, 0, 1)
		spend(t, attempt("eve", "code"), 1, 0, 1)
		a.Stream.Kind = "org"
		spend(t, a, 1, 0, 1)
		a = attempt("bob", "code")
		a.Stream.Tenant = "other"
		spend(t, a, 1, 0, 1)
	})
	t.Run("no limit is no budget", func(t *testing.T) {
		spend(t, attempt("zero", "code"), 0, 0, 0)
		spend(t, attempt("zero", "code"), -1, time.Hour, 0)
		spend(t, attempt("zero", "code"), 1, 0, 1)
	})
	t.Run("a window refills a budget when it has passed, not before", func(t *testing.T) {
		a := attempt("carl", "password")
		spend(t, a, 2, time.Hour, 1)
		clock = clock.Add(30 * time.Minute)
		spend(t, a, 2, time.Hour, 2)
		clock = clock.Add(30*time.Minute - time.Microsecond)
		spend(t, a, 2, time.Hour, 0)
		clock = clock.Add(time.Microsecond)
		spend(t, a, 2, time.Hour, 1) // the window starts with its first guess, and so does the next
		clock = clock.Add(59 * time.Minute)
		spend(t, a, 2, time.Hour, 2)
		spend(t, a, 2, time.Hour, 0)
		clock = clock.Add(time.Minute)
		spend(t, a, 2, time.Hour, 1)
	})
	t.Run("a refund forgets one budget", func(t *testing.T) {
		a, other := attempt("dora", "code"), attempt("dora", "password")
		spend(t, a, 1, 0, 1)
		spend(t, other, 1, 0, 1)
		if err := log.Refund(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		spend(t, a, 1, 0, 1)
		spend(t, other, 1, 0, 0)
		if err := log.Refund(t.Context(), attempt("nobody", "code")); err != nil {
			t.Errorf("refund of nothing: %v", err)
		}
	})
	t.Run("a counter only goes up", func(t *testing.T) {
		a, other := attempt("erin", "steps"), attempt("erin", "other steps")
		for _, move := range []struct {
			a    eventstore.Attempt
			step int32
			want bool
		}{{a, 7, true}, {a, 7, false}, {a, 6, false}, {a, 9, true}, {a, 8, false}, {other, 8, true}, {a, math.MaxInt32, true}, {a, math.MaxInt32, false}} {
			moved, err := log.Advance(t.Context(), move.a, move.step)
			if err != nil || moved != move.want {
				t.Errorf("advance %q to %d: %t, %v", move.a.Secret, move.step, moved, err)
			}
		}
	})
	t.Run("one of many advances a counter to a step", func(t *testing.T) {
		other := openNode(t, open, anotherPool(t, log.pool), eventstore.Options{Now: func() time.Time { return clock }})
		for step := int32(1); step <= 5; step++ {
			var moved atomic.Int64
			var all sync.WaitGroup
			for i := range 20 {
				all.Go(func() {
					ok, err := []*node{log, other}[i%2].Advance(t.Context(), attempt("frank", "steps"), step)
					if err != nil {
						t.Errorf("advance: %v", err)
					}
					if ok {
						moved.Add(1)
					}
				})
			}
			all.Wait()
			if moved.Load() != 1 {
				t.Errorf("%d advanced to step %d", moved.Load(), step)
			}
		}
	})
	t.Run("parallel guesses spend one each", func(t *testing.T) {
		other := openNode(t, open, anotherPool(t, log.pool), eventstore.Options{Now: func() time.Time { return clock }})
		const limit = 5
		for _, window := range []time.Duration{0, time.Hour} {
			a := attempt("guessed", "code for "+window.String())
			var granted atomic.Int64
			var used sync.Map
			var guesses sync.WaitGroup
			for i := range 100 {
				guesses.Go(func() {
					n, err := []*node{log, other}[i%2].Spend(t.Context(), a, limit, window)
					if err == nil {
						granted.Add(1)
						if _, twice := used.LoadOrStore(n, true); twice || n < 1 || n > limit {
							t.Errorf("guess number %d", n)
						}
					} else if !errors.Is(err, eventstore.ErrBudgetSpent) {
						t.Errorf("guess: %v", err)
					}
				})
			}
			guesses.Wait()
			if granted.Load() != limit {
				t.Errorf("%d of 100 guesses granted, want %d", granted.Load(), limit)
			}
		}
	})
}
