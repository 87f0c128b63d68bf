package tokenuse

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

const (
	interval  = 5 * time.Minute // between two writes of one token
	gather    = time.Second     // after the first use, before they are written
	retry     = 5 * time.Second // after a failed write
	lastWrite = 5 * time.Second // that Run may take when it ends
	batch     = 1000            // uses in one statement
	maxNoted  = 100_000         // tokens in memory
)

// Log writes uses. *eventstore.Store is one.
type Log interface {
	NoteUses(ctx context.Context, uses []eventstore.Use) error
}

// Uses notes what is used. It is safe for concurrent use.
type Uses struct {
	log  Log
	now  func() time.Time
	most int           // tokens in memory
	some chan struct{} // has an element when something waits to be written

	mu      sync.RWMutex
	noted   map[token]time.Time // when a use was last taken down; written or waiting
	waiting []eventstore.Use
}

type token struct{ tenant, id string }

// New returns a Uses that nothing was noted in. Nothing is written unless Run does.
func New(log Log, now func() time.Time) *Uses {
	return &Uses{log: log, now: now, most: maxNoted, some: make(chan struct{}, 1), noted: make(map[token]time.Time)}
}

// Note takes down that a token is used now. It never blocks on anything but memory.
func (u *Uses) Note(tenant, tokenID string) {
	t, now := token{tenant, tokenID}, u.now()
	u.mu.RLock()
	last, known := u.noted[t]
	u.mu.RUnlock()
	if known && now.Sub(last) < interval {
		return
	}
	if u.take(t, now) {
		select {
		case u.some <- struct{}{}:
		default:
		}
	}
}

func (u *Uses) take(t token, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	last, known := u.noted[t]
	if known && now.Sub(last) < interval || !known && len(u.noted) >= u.most || len(u.waiting) >= u.most {
		return false
	}
	u.noted[t] = now
	u.waiting = append(u.waiting, eventstore.Use{Tenant: t.tenant, Subject: t.id, At: now})
	return true
}

// Run writes what is noted until ctx ends, and then what is left.
func (u *Uses) Run(ctx context.Context) error {
	for pause := time.Duration(0); ; {
		if !u.await(ctx, pause) {
			u.finish(ctx)
			return ctx.Err()
		}
		if pause = 0; u.write(ctx) != nil {
			pause = retry
		}
	}
}

// finish writes what is left, as a courtesy: it is not for long that the end waits for that.
func (u *Uses) finish(ctx context.Context) {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer cancel()
	_ = u.write(end)
}

// await waits until there is something to write, and then a moment for more; or for pause, after which something is left.
func (u *Uses) await(ctx context.Context, pause time.Duration) bool {
	if pause == 0 {
		select {
		case <-ctx.Done():
			return false
		case <-u.some:
		}
		pause = gather
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// write writes what waits. What cannot be written waits again.
func (u *Uses) write(ctx context.Context) error {
	waiting := u.collect()
	for len(waiting) > 0 {
		next := waiting[:min(batch, len(waiting))]
		if err := u.log.NoteUses(ctx, next); err != nil {
			u.mu.Lock()
			u.waiting = slices.Concat(waiting, u.waiting)
			u.mu.Unlock()
			return err
		}
		waiting = waiting[len(next):]
	}
	return nil
}

// collect takes what waits, and forgets tokens whose next use is taken down anyway.
func (u *Uses) collect() []eventstore.Use {
	now := u.now()
	u.mu.Lock()
	defer u.mu.Unlock()
	for t, last := range u.noted {
		if now.Sub(last) >= interval {
			delete(u.noted, t)
		}
	}
	waiting := u.waiting
	u.waiting = nil
	return waiting
}
