package command

import (
	"context"
	"sync"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

const (
	recentAge  = time.Minute // of a remembered state, should the log fall silent
	recentSize = 10_000      // states in memory; most stand for streams that do not exist
)

// Recent remembers the states that an executor loads, for what is looked at all the time and rarely changes. A state is forgotten
// as soon as this process appends to its stream (Observe) or hears that another one did (Changed), and after a minute at the latest.
// It is safe for concurrent use.
type Recent[S any] struct {
	executor *Executor[S]

	mu     sync.RWMutex
	epoch  uint64 // moves with everything that is forgotten
	states map[key]remembered[S]
}

type remembered[S any] struct {
	state *Snapshot[S]
	until time.Time
}

// moment is when somebody was about to read a state.
type moment struct {
	epoch uint64
	until time.Time // when the state that is read gets too old
}

// NewRecent returns an empty memory of the states that x loads.
func NewRecent[S any](x *Executor[S]) *Recent[S] {
	return &Recent[S]{executor: x, states: make(map[key]remembered[S])}
}

// Load returns a state as Executor.Load does, from memory where it is known.
func (r *Recent[S]) Load(ctx context.Context, tenant, id string) (*Snapshot[S], error) {
	k := key{tenant, id}
	known, at := r.get(k, r.executor.rt.Now())
	if known != nil {
		return known, nil
	}
	snap, err := r.executor.Load(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	r.put(k, snap, at)
	return snap, nil
}

// get returns a state if it is remembered, and else the moment to remember it by.
func (r *Recent[S]) get(k key, now time.Time) (*Snapshot[S], moment) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if known, ok := r.states[k]; ok && now.Before(known.until) {
		return known.state, moment{}
	}
	return nil, moment{r.epoch, now.Add(recentAge)}
}

// put remembers a state unless something was forgotten since the moment before it was read.
func (r *Recent[S]) put(k key, state *Snapshot[S], at moment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != at.epoch {
		return
	}
	if _, known := r.states[k]; !known && len(r.states) >= recentSize {
		for some := range r.states {
			delete(r.states, some)
			break
		}
	}
	r.states[k] = remembered[S]{state, at.until}
}

func (r *Recent[S]) forget(stream *eventstore.StreamID) {
	if stream.Kind != r.executor.aggregate.Kind {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	delete(r.states, key{stream.Tenant, stream.ID})
}

// Observe forgets what events changed. It is quick, and an observer of the store (eventstore.Options.Observers).
func (r *Recent[S]) Observe(events []eventstore.Event) {
	for i := range events {
		r.forget(&events[i].Stream)
	}
}

// Changed forgets what other processes changed: it is to be called with the streams that a Follower finds. Streams of other kinds
// are passed over.
func (r *Recent[S]) Changed(streams []eventstore.StreamID) {
	for i := range streams {
		r.forget(&streams[i])
	}
}

// Lost forgets everything: what other processes did is unknown.
func (r *Recent[S]) Lost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	clear(r.states)
}
