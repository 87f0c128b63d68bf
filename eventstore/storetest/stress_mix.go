package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/signet-iam/signet/eventstore"
)

// testMix lets many write at once on two nodes, some of them what must be refused. Who is refused and why is known
// beforehand; everybody else must succeed, and all that is written must add up.
func testMix(t *testing.T, open Opener) {
	for _, percent := range []int{5, 15, 30} {
		t.Run(fmt.Sprintf("%d %% refused", percent), func(t *testing.T) {
			t.Parallel()
			a, b := newPair(t, open)
			host := a.change("host", 0, 1)
			host.Claims, host.Keys = claims("occupied"), []eventstore.DataKey{dataKey("known")}
			a.append(t, host)
			for i := range commons {
				a.append(t, a.change(common(i), 0, 1))
			}

			const workers, steps = 32, 20
			tallies := make([]tally, workers)
			ctx := soon(t)
			var all sync.WaitGroup
			for w := range workers {
				m := mixer{node: []*node{a, b}[w%2], name: fmt.Sprint("worker ", w), dice: dice(w), percent: percent, tally: &tallies[w]}
				all.Go(func() {
					for range steps {
						if err := m.step(ctx); err != nil {
							t.Errorf("%s: %v", m.name, err)
							return
						}
					}
				})
			}
			all.Wait()
			sum := tally{events: 1 + commons, claims: 1, keys: 1}
			for _, one := range tallies {
				sum.add(one)
			}
			if sum.refused == 0 {
				t.Error("nobody was refused")
			}
			wantTally(t, a, sum)
			wantNoDeadlocks(t, a, b)
		})
	}
}

// commons are streams that everybody writes to.
const commons = 6

func common(i int) string { return fmt.Sprintf("common %d", i) }

// tally counts what must be in the log.
type tally struct{ events, claims, keys, deliverables, refused int }

func (s *tally) add(o tally) {
	s.events += o.events
	s.claims += o.claims
	s.keys += o.keys
	s.deliverables += o.deliverables
	s.refused += o.refused
}

func (s *tally) count(c eventstore.Change) {
	s.add(tally{events: len(c.Events), claims: len(c.Claims) - len(c.Releases), keys: len(c.Keys), deliverables: len(c.Deliverables)})
}

func wantTally(t testing.TB, n *node, want tally) {
	t.Helper()
	got := tally{refused: want.refused}
	const sql = `
select (select count(*) from eventstore.events), (select count(*) from eventstore.claims), (select count(*) from eventstore.data_keys),
       (select count(*) from eventstore.deliverables), (select sum(version) from eventstore.streams)`
	var versions int
	err := n.pool.QueryRow(t.Context(), sql).Scan(&got.events, &got.claims, &got.keys, &got.deliverables, &versions)
	if err != nil || got != want || versions != want.events {
		t.Errorf("in the log %+v, streams at %d in sum, %v; want %+v", got, versions, err, want)
	}
}

// mixer is one writer. The streams that bear its name are its own.
type mixer struct {
	*node
	name    string
	dice    *rand.Rand
	percent int
	tally   *tally

	streams  int
	versions []uint64
}

func (m *mixer) step(ctx context.Context) error {
	switch n := m.dice.IntN(100); {
	case n < m.percent:
		return m.refused(ctx)
	case n < 60 || m.streams == 0:
		return m.create(ctx)
	case n < 85:
		return m.advance(ctx)
	default:
		return m.advanceCommon(ctx)
	}
}

func (m *mixer) own(i int) string { return fmt.Sprintf("%s/%d", m.name, i) }

func (m *mixer) create(ctx context.Context) error {
	id := m.own(m.streams)
	c := m.claiming(id, 0, claims("mail of "+id, "name of "+id), nil)
	c.Keys = []eventstore.DataKey{dataKey(id)}
	c.Deliverables = []eventstore.Deliverable{deliverable(c.Events[0])}
	receipt, err := m.Append(ctx, c)
	if err != nil || receipt.Version != 1 {
		return fmt.Errorf("create %s: %+v, %w", id, receipt, err)
	}
	m.tally.count(c)
	m.streams++
	m.versions = append(m.versions, 1)
	return nil
}

func (m *mixer) advance(ctx context.Context) error {
	i := m.dice.IntN(m.streams)
	c := m.change(m.own(i), m.versions[i], 1+m.dice.IntN(3))
	if name := "name of " + m.own(i); m.versions[i]%2 == 1 {
		c.Releases = claims(name) // given up at odd versions, held again or not, as the tally says
		held, err := m.holds(ctx, name)
		if err != nil {
			return err
		}
		if !held {
			c.Claims, c.Releases = claims(name), nil
		}
	}
	receipt, err := m.Append(ctx, c)
	if want := m.versions[i] + uint64(len(c.Events)); err != nil || receipt.Version != want {
		return fmt.Errorf("advance %s: %+v, %w", m.own(i), receipt, err)
	}
	m.tally.count(c)
	m.versions[i] = receipt.Version
	return nil
}

func (m *mixer) holds(ctx context.Context, value string) (bool, error) {
	_, held, err := m.ClaimHolder(ctx, m.tenant, claim(value))
	return held, err
}

// advanceCommon may meet others: either outcome is right, but an advance that is told must be there.
func (m *mixer) advanceCommon(ctx context.Context) error {
	id := m.stream(common(m.dice.IntN(commons)))
	head, err := m.StreamHead(ctx, id)
	if err != nil {
		return err
	}
	c := m.change(id.ID, head.Version, 1)
	_, err = m.Append(ctx, c)
	switch {
	case err == nil:
		m.tally.count(c)
	case !errors.Is(err, eventstore.ErrConflict):
		return fmt.Errorf("advance %s: %w", id.ID, err)
	}
	return nil
}

// refused appends what must be refused; what it carries besides must not be found afterwards.
func (m *mixer) refused(ctx context.Context) error {
	m.tally.refused++
	c := m.claiming(m.name+" never", 0, claims("never "+m.name), nil)
	c.Keys = []eventstore.DataKey{dataKey("never " + m.name)}
	c.Deliverables = []eventstore.Deliverable{deliverable(c.Events[0])}
	takes := false
	switch m.dice.IntN(5) {
	case 0: // stale
		c.Stream, c.Expected = m.stream("host"), 7
	case 1: // exists
		c.Stream = m.stream(common(m.dice.IntN(commons)))
	case 2: // does not exist
		c.Expected = 1
	case 3:
		c.Keys = append(c.Keys, dataKey("known"))
	case 4:
		c.Claims, takes = append(c.Claims, claim("occupied")), true
	}
	_, err := m.Append(ctx, c)
	_, taken := errors.AsType[*eventstore.ClaimTakenError](err)
	if taken && takes || errors.Is(err, eventstore.ErrConflict) && !takes {
		return nil
	}
	return fmt.Errorf("%s at %d should have been refused: %w", c.Stream.ID, c.Expected, err)
}
