package policy

import (
	"sync"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

const (
	maxAge    = time.Minute // of a remembered state, should the log fall silent
	maxRecent = 10_000      // states in memory; of most organizations it is that they have nothing of their own
)

// key names a stream of policies.
type key struct{ tenant, id string }

// moment is when somebody was about to read a state.
type moment struct {
	epoch uint64
	until time.Time // when the state that is read gets too old
}

// recent remembers the states of policies.
type recent struct {
	mu     sync.RWMutex
	epoch  uint64 // moves with everything that is forgotten
	states map[key]remembered
}

type remembered struct {
	state *command.Snapshot[State]
	until time.Time
}

func newRecent() *recent { return &recent{states: make(map[key]remembered)} }

// get returns a state if it is remembered, and else the moment to remember it by.
func (r *recent) get(k key, now time.Time) (*command.Snapshot[State], moment) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if known, ok := r.states[k]; ok && now.Before(known.until) {
		return known.state, moment{}
	}
	return nil, moment{r.epoch, now.Add(maxAge)}
}

// put remembers a state unless something was forgotten since the moment before it was read.
func (r *recent) put(k key, state *command.Snapshot[State], at moment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch != at.epoch {
		return
	}
	if _, known := r.states[k]; !known && len(r.states) >= maxRecent {
		for some := range r.states {
			delete(r.states, some)
			break
		}
	}
	r.states[k] = remembered{state, at.until}
}

func (r *recent) forget(k key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	delete(r.states, k)
}

func (r *recent) forgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	clear(r.states)
}

// Observe forgets what events changed. It is quick, and an observer of the store (eventstore.Options.Observers).
func (s *Service) Observe(events []eventstore.Event) {
	for i := range events {
		if stream := events[i].Stream; stream.Kind == Kind {
			s.recent.forget(key{stream.Tenant, stream.ID})
		}
	}
}

// Changed forgets what other nodes have changed: it is to be called with the streams of Kind that a command.Follower finds. Without it
// what they set counts after a minute.
func (s *Service) Changed(streams []eventstore.StreamID) {
	for i := range streams {
		s.recent.forget(key{streams[i].Tenant, streams[i].ID})
	}
}

// Lost forgets everything: what other nodes did is unknown.
func (s *Service) Lost() { s.recent.forgetAll() }
