package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/signet-iam/signet/eventstore"
)

// testModel draws small histories in which a few changes meet at a time, over few streams, claims and subjects, on two
// nodes. What became of them must be what a log in memory answers that takes them one after the other in some order.
func testModel(t *testing.T, open Opener) {
	a, b := newPair(t, open)
	rapid.Check(t, func(rt *rapid.T) {
		tenant := uuid.NewString()
		m := newModel()
		nodes := []*node{a.in(tenant), b.in(tenant)}
		for range rapid.IntRange(1, 3).Draw(rt, "encounters") {
			var changes []eventstore.Change
			for range rapid.IntRange(1, 5).Draw(rt, "changes") {
				changes = append(changes, m.draw(rt, nodes[0]))
			}
			var outcomes []outcome
			if rapid.Bool().Draw(rt, "grouped") {
				outcomes = together(t, changes, nodes...)
			} else {
				outcomes = atOnce(t, changes, nodes...)
			}
			if err := m.explain(changes, outcomes); err != nil {
				rt.Fatal(err)
			}
		}
		if got, want := actual(t, nodes[0]), m.String(); got != want {
			rt.Fatalf("the log holds\n%s\nthe model\n%s", got, want)
		}
	})
}

// atOnce appends changes without arranging how they meet.
func atOnce(t testing.TB, changes []eventstore.Change, nodes ...*node) []outcome {
	results := make([]outcome, len(changes))
	var all sync.WaitGroup
	for i, c := range changes {
		all.Go(func() { results[i].receipt, results[i].err = nodes[i%len(nodes)].Append(t.Context(), c) })
	}
	all.Wait()
	return results
}

// model is a log in memory.
type model struct {
	versions map[string]uint64
	holders  map[string]string // by claim
	keys     map[string]bool
}

func newModel() *model {
	return &model{versions: map[string]uint64{}, holders: map[string]string{}, keys: map[string]bool{}}
}

func (m *model) clone() *model {
	return &model{versions: maps.Clone(m.versions), holders: maps.Clone(m.holders), keys: maps.Clone(m.keys)}
}

// draw makes up a change that could be written now, or is a little beside.
func (m *model) draw(rt *rapid.T, n *node) eventstore.Change {
	id := rapid.SampledFrom([]string{"ada", "bob", "eve"}).Draw(rt, "stream")
	expected := m.versions[id]
	switch rapid.SampledFrom([]string{"right", "right", "right", "right", "stale", "future", "new"}).Draw(rt, "version") {
	case "stale":
		expected = max(expected, 1) - 1
	case "future":
		expected++
	case "new":
		expected = 0
	}
	values := func(label string) []eventstore.Claim {
		return claims(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 2, rapid.ID[string]).Draw(rt, label)...)
	}
	c := n.claiming(id, expected, values("takes"), values("releases"))
	if rapid.Bool().Draw(rt, "two events") {
		c.Events = append(c.Events, event("user.changed"))
	}
	if key := rapid.SampledFrom([]string{"", "", "k", "l"}).Draw(rt, "data key"); key != "" {
		c.Keys = []eventstore.DataKey{dataKey(key)}
	}
	return c
}

// refuses tells every reason for which the model does not take a change.
func (m *model) refuses(c eventstore.Change) (conflict, taken bool) {
	conflict = m.versions[c.Stream.ID] != c.Expected
	for _, k := range c.Keys {
		conflict = conflict || m.keys[k.Subject]
	}
	released := m.clone()
	released.release(c)
	for _, cl := range c.Claims {
		taken = taken || released.holders[string(cl.Digest)] != ""
	}
	return conflict, taken
}

func (m *model) release(c eventstore.Change) {
	for _, cl := range c.Releases {
		if m.holders[string(cl.Digest)] == c.Stream.ID {
			delete(m.holders, string(cl.Digest))
		}
	}
}

func (m *model) take(c eventstore.Change) {
	m.versions[c.Stream.ID] += uint64(len(c.Events))
	m.release(c)
	for _, cl := range c.Claims {
		m.holders[string(cl.Digest)] = c.Stream.ID
	}
	for _, k := range c.Keys {
		m.keys[k.Subject] = true
	}
}

// explain moves the model past an encounter, or says why no order of its changes has these outcomes. The order of those
// written is that of their positions; each refused one must have had a reason before, between or after them.
func (m *model) explain(changes []eventstore.Change, outcomes []outcome) error {
	var written []int
	for i, o := range outcomes {
		if o.err == nil {
			written = append(written, i)
		}
	}
	slices.SortFunc(written, func(i, j int) int { return int(outcomes[i].receipt.Position - outcomes[j].receipt.Position) })

	states := []*model{m.clone()}
	for _, i := range written {
		if conflict, taken := m.refuses(changes[i]); conflict || taken {
			return fmt.Errorf("change %d was written, but the model refuses it: conflict %v, taken %v", i, conflict, taken)
		}
		m.take(changes[i])
		if outcomes[i].receipt.Version != m.versions[changes[i].Stream.ID] {
			return fmt.Errorf("change %d: receipt %+v, want version %d", i, outcomes[i].receipt, m.versions[changes[i].Stream.ID])
		}
		states = append(states, m.clone())
	}
	for i, o := range outcomes {
		if o.err == nil {
			continue
		}
		_, isTaken := errors.AsType[*eventstore.ClaimTakenError](o.err)
		if !slices.ContainsFunc(states, func(s *model) bool {
			conflict, taken := s.refuses(changes[i])
			return conflict && errors.Is(o.err, eventstore.ErrConflict) || taken && isTaken
		}) {
			return fmt.Errorf("change %d was refused without reason: %w", i, o.err)
		}
	}
	return nil
}

// String lists what the model holds, as actual does of a log.
func (m *model) String() string {
	var lines []string
	for id, version := range m.versions {
		if version > 0 {
			lines = append(lines, fmt.Sprintf("stream %s at %d with %d events", id, version, version))
		}
	}
	for value, holder := range m.holders {
		lines = append(lines, fmt.Sprintf("claim %s of %s", value, holder))
	}
	for subject := range m.keys {
		lines = append(lines, "key "+subject)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func actual(t testing.TB, n *node) string {
	t.Helper()
	const sql = `
select format('stream %s at %s with %s events', s.id, s.version, count(e.position))
  from eventstore.streams s
  left join eventstore.events e on (e.tenant, e.stream_kind, e.stream_id) = (s.tenant, s.kind, s.id)
 where s.tenant = $1 and s.id not like 'decoy%' group by s.id, s.version
 union all
select format('claim %s of %s', convert_from(digest, 'utf8'), stream_id) from eventstore.claims where tenant = $1
 union all
select 'key ' || subject from eventstore.data_keys where tenant = $1`
	lines := rows(t, n, sql, n.tenant)
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
