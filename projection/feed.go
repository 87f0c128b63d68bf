package projection

import (
	"context"
	"slices"
	"sort"
	"sync"

	"github.com/signet-iam/signet/eventstore"
)

// feedKept is how many events at least a feed keeps for projections that are a little behind the first one; at most twice as many.
const feedKept = 1000

// feed reads the log once for all projections of a process: what the first of them has read serves the others too.
type feed struct {
	store *eventstore.Store
	kinds []string
	limit int

	mu   sync.Mutex
	kept stretch
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

// forget drops what is kept. A projection that enters may have been sent back by a log that is not the one that was read.
func (f *feed) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = stretch{}
}

// next returns the stretch after a position, which is below the high water: as long as the limit allows and the log is
// complete.
func (f *feed) next(ctx context.Context, after eventstore.Position) (stretch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if after >= f.kept.after && after < f.kept.upTo {
		return f.kept.behind(after, f.limit), nil
	}
	read, err := readStretch(ctx, f.store, eventstore.Batch{After: after, UpTo: f.store.HighWater(), Kinds: f.kinds, Limit: f.limit})
	if err != nil {
		return stretch{}, err
	}
	switch {
	case after == f.kept.upTo:
		f.kept = f.kept.followedBy(read)
	case after > f.kept.upTo:
		f.kept = read
	}
	return read, nil
}

// behind returns what of a stretch comes after a position, at most limit events.
func (s stretch) behind(after eventstore.Position, limit int) stretch {
	first := sort.Search(len(s.events), func(i int) bool { return s.events[i].Position > after })
	rest := stretch{after: after, upTo: s.upTo, events: slices.Clip(s.events[first:])}
	if len(rest.events) > limit {
		rest.events = rest.events[:limit]
		rest.upTo = rest.events[limit-1].Position
	}
	return rest
}

// followedBy joins a stretch and the next one, without what is too old to keep.
func (s stretch) followedBy(next stretch) stretch {
	s.events, s.upTo = append(s.events, next.events...), next.upTo
	if over := len(s.events) - feedKept; over > feedKept {
		s.after = s.events[over-1].Position
		s.events = slices.Clone(s.events[over:])
	}
	return s
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
