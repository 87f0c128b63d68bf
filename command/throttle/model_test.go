package throttle_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/eventstore/failure"
)

// counter is what a counter is, written down plainly.
type counter struct {
	used    int
	blocked time.Time
	last    time.Time // attempt that counted
}

type model struct {
	now      time.Time
	counters map[string]counter
}

// take returns how long the attempts have to wait; 0 if they were counted.
func (m *model) take(attempts []throttle.Attempt) time.Duration {
	var wait time.Duration
	for _, a := range attempts {
		if c := m.current(a); c.used > 0 && m.now.Before(c.blocked) {
			wait = max(wait, c.blocked.Sub(m.now))
		}
	}
	if wait > 0 {
		return wait
	}
	for _, a := range attempts {
		c := m.current(a)
		c.used, c.last, c.blocked = c.used+1, m.now, time.Time{}
		if over := c.used - a.Limit.Free; over >= 0 {
			delay := a.Limit.Delay
			for range over {
				delay = min(2*delay, a.Limit.Most)
			}
			c.blocked = m.now.Add(min(delay, a.Limit.Most))
		}
		m.counters[a.Limit.Name+a.Key] = c
	}
	return 0
}

// current returns the counter of an attempt as of now.
func (m *model) current(a throttle.Attempt) counter {
	c := m.counters[a.Limit.Name+a.Key]
	if !m.now.Before(c.last.Add(a.Limit.Forget)) {
		return counter{}
	}
	return c
}

// Whatever happens in whatever order, the counters are those of the model.
func TestCountersAreThoseOfTheModel(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	limits := []throttle.Limit{
		{Name: "model: one", Free: 1, Delay: 3 * time.Second, Most: 10 * time.Second, Forget: 10 * time.Second},
		{Name: "model: two", Free: 2, Delay: time.Second, Most: time.Minute, Forget: 90 * time.Second},
		{Name: "model: ten", Free: 10, Delay: time.Millisecond, Most: time.Hour, Forget: time.Hour},
	}
	var runs atomic.Int64
	rapid.Check(t, func(r *rapid.T) {
		run := runs.Add(1)
		m := &model{now: n.Clock.Now(), counters: make(map[string]counter)}
		attempt := rapid.Custom(func(r *rapid.T) throttle.Attempt {
			return throttle.Attempt{
				Limit: rapid.SampledFrom(limits).Draw(r, "limit"),
				Key:   fmt.Sprintf("run %d, key %d", run, rapid.IntRange(0, 1).Draw(r, "key")),
			}
		})
		key := func(a throttle.Attempt) string { return a.Limit.Name + a.Key }
		for range rapid.IntRange(1, 30).Draw(r, "steps") {
			n.Clock.Advance(time.Duration(rapid.Int64Range(0, int64(rapid.SampledFrom([]time.Duration{0, 3 * time.Second, 2 * time.Minute}).Draw(r, "scale"))/1000).Draw(r, "pass")) * time.Microsecond)
			m.now = n.Clock.Now()
			attempts := rapid.SliceOfNDistinct(attempt, 1, 3, key).Draw(r, "attempts")
			if rapid.IntRange(0, 9).Draw(r, "what") == 0 {
				n.Limiter.Forgive(t.Context(), n.Tenant, attempts...)
				for _, a := range attempts {
					delete(m.counters, key(a))
				}
				continue
			}
			want := m.take(slices.Clone(attempts))
			err := n.Limiter.Take(t.Context(), n.Tenant, attempts...)
			refusal, _ := errors.AsType[*failure.Error](err)
			if want == 0 && err != nil || want > 0 && (refusal == nil || refusal.After != want) {
				r.Fatalf("%v, want to wait for %v", err, want)
			}
		}
	})
}
