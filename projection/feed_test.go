package projection

import (
	"slices"
	"testing"

	"github.com/signet-iam/signet/eventstore"
)

// at returns events at positions.
func at(positions ...eventstore.Position) []eventstore.Event {
	var events []eventstore.Event
	for _, p := range positions {
		events = append(events, eventstore.Event{Position: p})
	}
	return events
}

func TestWhatIsKeptServesThoseBehind(t *testing.T) {
	t.Parallel()
	kept := stretch{after: 10, upTo: 20, events: at(11, 14, 19)}
	for name, c := range map[string]struct {
		after, upTo eventstore.Position
		limit       int
		positions   []eventstore.Position
	}{
		"all":                      {10, 20, 5, []eventstore.Position{11, 14, 19}},
		"behind an event":          {11, 20, 5, []eventstore.Position{14, 19}},
		"between events":           {12, 20, 5, []eventstore.Position{14, 19}},
		"behind the last":          {19, 20, 5, nil},
		"as much as the limit has": {10, 14, 2, []eventstore.Position{11, 14}},
		"exactly the limit":        {10, 20, 3, []eventstore.Position{11, 14, 19}},
	} {
		rest := kept.behind(c.after, c.limit)
		var got []eventstore.Position
		for _, ev := range rest.events {
			got = append(got, ev.Position)
		}
		if rest.after != c.after || rest.upTo != c.upTo || !slices.Equal(got, c.positions) {
			t.Errorf("%s: %v in (%d, %d]", name, got, rest.after, rest.upTo)
		}
	}
}

// Stretches join without a gap, and what is dropped for want of room is not claimed.
func TestStretchesJoin(t *testing.T) {
	t.Parallel()
	kept, upTo := stretch{}, eventstore.Position(0)
	for range 30 {
		next := stretch{after: upTo, upTo: upTo + 201}
		for p := upTo + 1; p < next.upTo; p += 2 {
			next.events = append(next.events, at(p)...)
		}
		upTo = next.upTo
		kept = kept.followedBy(next)
		if kept.upTo != upTo || len(kept.events) > 2*feedKept {
			t.Fatalf("(%d, %d] with %d events", kept.after, kept.upTo, len(kept.events))
		}
		for i, first := 0, kept.after; i < len(kept.events); i++ {
			if p := kept.events[i].Position; p <= first || p > first+3 {
				t.Fatalf("an event at %d follows %d", p, first)
			}
			first = kept.events[i].Position
		}
	}
	if kept.after == 0 {
		t.Error("nothing was dropped")
	}
}
