package accesstoken

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/signet-iam/signet/command"
)

// signature is one that somebody made and somebody may still want to verify.
type signature struct {
	keyID string
	until time.Time
}

// However late and however often rotation runs: there is always a key that signs, nobody signs with a key that is new to those who
// look every ten minutes, and what was signed can be verified until it expires.
func TestKeysOverlap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		life := time.Duration(rapid.IntRange(1, 180).Draw(t, "life")) * time.Minute
		s := New(Dependencies{
			Runtime: command.Runtime{Now: func() time.Time { return now }, NewID: uuid.New},
			Life:    life, Rotate: time.Duration(rapid.IntRange(0, 300).Draw(t, "rotation")) * time.Minute,
		})
		var state State
		var signed []signature
		seen := make(map[string]time.Time) // when a key was published
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 2*60*60).Draw(t, "seconds")) * time.Second)
			state = apply(t, s, state)
			if !s.due(&state).After(now) {
				t.Fatalf("due at %v, and it is %v", s.due(&state), now)
			}
			ring, err := newKeyring(&state, uint64(step))
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range state.Keys {
				if _, known := seen[k.ID]; !known {
					seen[k.ID] = now
				}
			}
			key := ring.signer(now)
			if len(seen) > 1 && now.Sub(seen[key.id]) < Overlap && key.id != state.Keys[0].ID {
				t.Fatalf("a key signs %v after it was published", now.Sub(seen[key.id]))
			}
			for _, was := range signed {
				if now.Before(was.until) && ring.find(was.keyID) == nil {
					t.Fatalf("a token of %s cannot be verified any more", was.keyID)
				}
			}
			signed = append(signed, signature{key.id, now.Add(max(life, LongestTicket))})
		}
	})
}

// apply runs one rotation without a log.
func apply(t *rapid.T, s *Service, state State) State {
	before := slices.Clone(state.Keys)
	var pair *keyPair
	d, err := s.decide(&state, &pair)
	if err != nil {
		t.Fatal(err)
	}
	after := state
	for _, e := range d.Events {
		after = fold(after, e.Message, command.Recorded{})
	}
	if !slices.EqualFunc(before, state.Keys, func(a, b Key) bool { return a.ID == b.ID }) {
		t.Fatal("the fold changed the state it was given")
	}
	if again, err := s.decide(&after, &pair); err != nil || len(again.Events) != 0 {
		t.Fatalf("a rotation leaves something to do: %d events, %v", len(again.Events), err)
	}
	return after
}
