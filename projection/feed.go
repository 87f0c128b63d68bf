package projection

import (
	"context"
	"slices"
	"sync"

	"github.com/signet-iam/signet/eventstore"
)

// feed reads the log once for all projections of a process: a stretch that one has read serves every other that stands
// at the same place.
type feed struct {
	store *eventstore.Store
	kinds []string
	limit int

	mu   sync.Mutex
	last stretch
}

// stretch is the log in (after, upTo], as far as the feed's kinds go. Its events are shared: nobody changes them.
type stretch struct {
	after, upTo eventstore.Position
	events      []eventstore.Event
}

func newFeed(store *eventstore.Store, limit int, models []Model) *feed {
	kinds := []string{orders}
	for _, m := range models {
		kinds = append(kinds, m.Kinds()...)
	}
	slices.Sort(kinds)
	return &feed{store: store, kinds: slices.Compact(kinds), limit: limit}
}

// next returns the stretch after a position, which is below the high water: as long as the limit allows and the log is
// complete.
func (f *feed) next(ctx context.Context, after eventstore.Position) (stretch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last.after == after && f.last.upTo > after {
		return f.last, nil
	}
	read, err := readStretch(ctx, f.store, eventstore.Batch{After: after, UpTo: f.store.HighWater(), Kinds: f.kinds, Limit: f.limit})
	if err != nil {
		return stretch{}, err
	}
	f.last = read
	return read, nil
}

// readStretch reads a batch and says how far it goes: to its bound, or to its last event when the limit cut it off.
func readStretch(ctx context.Context, store *eventstore.Store, b eventstore.Batch) (stretch, error) {
	events, err := store.ReadBatch(ctx, b)
	if err != nil {
		return stretch{}, err
	}
	s := stretch{after: b.After, upTo: b.UpTo, events: events}
	if len(events) == b.Limit {
		s.upTo = events[len(events)-1].Position
	}
	return s, nil
}
