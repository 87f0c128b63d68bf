package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// A read model is built anew while it serves and 500 writes a second come in. Readers never notice.
func TestRebuiltUnderLoad(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	seed := newLoad(t, n.admin(), rate.Inf, onlyUnavailable)
	seed.await(2 * numbers().rebuildUsers) // half of the writes change what the other half added
	seed.drain()

	l := newLoadAfter(t, seed, 500)
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	reads := make([]int, 2)
	for i := range reads {
		readers.Go(func() { reads[i] = l.readUntil(ctx) })
	}
	began, before := time.Now(), l.acknowledged.Load()
	for range numbers().rebuilds {
		l.await(1)
		out := n.signet("projection", "rebuild", "users").succeeds()
		if !regexp.MustCompile(`^users: \d+ events in .*, \d+ events/s; generation \d+ serves, up to position \d+\n$`).MatchString(out) {
			t.Errorf("rebuild says %q", out)
		}
		t.Log(out)
	}
	written, took := l.acknowledged.Load()-before, time.Since(began)
	cancel()
	readers.Wait()
	l.drain()
	t.Logf("%.0f writes/s and %d reads beside %d rebuilds in %s; %d reads were told to come again",
		float64(written)/took.Seconds(), reads[0]+reads[1], numbers().rebuilds, took.Round(time.Millisecond), l.behind.Load())
	if written == 0 || reads[0] == 0 || reads[1] == 0 {
		t.Error("nobody wrote or read meanwhile: this proves nothing")
	}
	n.verify("users")
	l.checkAll()
}

// newLoadAfter goes on where another load has ended, at most so many writes a second.
func newLoadAfter(t testing.TB, seed *load, perSecond rate.Limit) *load {
	ctx, cancel := context.WithCancel(t.Context())
	l := &load{
		t: t, client: seed.client, tolerates: seed.tolerates, stop: cancel, limit: rate.NewLimiter(perSecond, writers),
		people: seed.known(),
	}
	share := len(l.people) / writers
	for writer := range writers {
		own := l.people[writer*share : (writer+1)*share]
		l.writers.Go(func() {
			for i := 0; l.limit.Wait(ctx) == nil; i++ {
				l.rename(own[i%len(own)])
			}
		})
	}
	t.Cleanup(l.drain)
	return l
}

// readUntil reads users at random, strongly, and returns how often.
func (l *load) readUntil(ctx context.Context) (reads int) {
	people := l.known()
	for ; ctx.Err() == nil; reads++ {
		if err := l.check(l.t.Context(), people[rand.IntN(len(people))]); err != nil {
			l.t.Error(fmt.Errorf("beside a rebuild: %w", err))
			return reads
		}
	}
	return reads
}
