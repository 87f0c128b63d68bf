package command

import (
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

type counted struct{}

func newCounted(t *testing.T) *Recent[counted] {
	t.Helper()
	x, err := NewExecutor(Runtime{}, Aggregate[counted]{Kind: "counted", Cached: 1})
	if err != nil {
		t.Fatal(err)
	}
	return NewRecent(x)
}

// A state that was read before something was forgotten is not remembered after it.
func TestWhatWasReadTooEarlyIsNotRemembered(t *testing.T) {
	t.Parallel()
	dawn, k, old := time.Unix(0, 0), key{"t", "one"}, &Snapshot[counted]{Version: 1}
	stream := func(kind, id string) []eventstore.StreamID {
		return []eventstore.StreamID{{Tenant: "t", Kind: kind, ID: id}}
	}
	for name, c := range map[string]struct {
		between func(*Recent[counted])
		kept    bool
	}{
		"nothing happened":   {func(*Recent[counted]) {}, true},
		"another kind":       {func(r *Recent[counted]) { r.Changed(stream("other", "one")) }, true},
		"it changed":         {func(r *Recent[counted]) { r.Changed(stream("counted", "one")) }, false},
		"something changed":  {func(r *Recent[counted]) { r.Changed(stream("counted", "two")) }, false},
		"this node appended": {func(r *Recent[counted]) { r.Observe([]eventstore.Event{{Stream: stream("counted", "one")[0]}}) }, false},
		"the log was lost":   {func(r *Recent[counted]) { r.Lost() }, false},
	} {
		r := newCounted(t)
		_, at := r.get(k, dawn)
		c.between(r)
		r.put(k, old, at)
		if found, _ := r.get(k, dawn); (found != nil) != c.kept {
			t.Errorf("%s: %v", name, found)
		}
		if found, _ := r.get(k, dawn.Add(recentAge)); found != nil {
			t.Errorf("%s: it is still remembered after %v", name, recentAge)
		}
	}
}

func TestNoMoreIsRememberedThanThereIsRoomFor(t *testing.T) {
	t.Parallel()
	r := newCounted(t)
	for i := range recentSize + 10 {
		k := key{"t", string(rune(i))}
		_, at := r.get(k, time.Unix(0, 0))
		r.put(k, &Snapshot[counted]{}, at)
	}
	if len(r.states) != recentSize {
		t.Errorf("%d states", len(r.states))
	}
}
