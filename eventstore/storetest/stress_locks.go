package storetest

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
)

// testLocks lets large groups of two nodes meet that want the same things, each thing in both groups. One of each two gets
// it, and whatever the order in which the groups name them, nobody deadlocks: that would cost a second each time. Rows are
// slow to write, so that the groups do meet.
func testLocks(t *testing.T, open Opener) {
	const things = 20
	for name, rivals := range map[string]func(n *node, i int) [2]eventstore.Change{
		"existing streams": func(n *node, i int) [2]eventstore.Change {
			return [2]eventstore.Change{n.change(old(i), 1, 1), n.change(old(i), 1, 1)}
		},
		"new streams": func(n *node, i int) [2]eventstore.Change {
			return [2]eventstore.Change{n.change(fresh(i), 0, 1), n.change(fresh(i), 0, 1)}
		},
		"new and existing streams": func(n *node, i int) [2]eventstore.Change {
			if i%2 == 0 {
				return [2]eventstore.Change{n.change(fresh(i), 0, 1), n.change(fresh(i), 0, 1)}
			}
			return [2]eventstore.Change{n.change(old(i), 1, 1), n.change(old(i), 1, 1)}
		},
		// The first group advances old streams and creates new ones, the second takes all of them for new.
		"streams that one of them takes for new": func(n *node, i int) [2]eventstore.Change {
			if i%2 == 0 {
				return [2]eventstore.Change{n.change(fresh(i), 0, 1), n.change(fresh(i), 0, 1)}
			}
			return [2]eventstore.Change{n.change(old(i), 1, 1), n.change(old(i), 0, 1)}
		},
		// In the order of streams one group names the claims upwards, the other downwards.
		"claims": func(n *node, i int) [2]eventstore.Change {
			wanted := claims(fmt.Sprintf("name %03d", i))
			return [2]eventstore.Change{n.claiming(fresh(i), 0, wanted, nil), n.claiming(fresh(2*things-i), 0, wanted, nil)}
		},
		"data keys": func(n *node, i int) [2]eventstore.Change {
			pair := [2]eventstore.Change{n.change(fresh(i), 0, 1), n.change(fresh(2*things-i), 0, 1)}
			for k := range pair {
				pair[k].Keys = []eventstore.DataKey{dataKey(fmt.Sprintf("subject %03d", i))}
			}
			return pair
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := newPair(t, open)
			slowRows(t, a)
			for round := range 4 {
				tenant := uuid.NewString()
				a, b := a.in(tenant), b.in(tenant)
				var changes []eventstore.Change
				for i := range things {
					a.append(t, a.change(old(i), 0, 1))
					pair := rivals(a, i)
					changes = append(changes, pair[:]...)
				}
				if round%2 == 1 { // one in each group that cannot be written, so that both are repaired
					changes = append(changes, a.change("nowhere", 7, 1), a.change("nowhere", 7, 1))
				}
				outcomes := together(t, changes, a, b)
				for i := range things {
					if one, other := outcomes[2*i].err, outcomes[2*i+1].err; (one == nil) == (other == nil) {
						t.Errorf("rivals %d: %v and %v", i, one, other)
					}
				}
			}
			wantNoDeadlocks(t, a, b)
		})
	}
}

func slowRows(t testing.TB, n *node) {
	t.Helper()
	_, err := n.pool.Exec(t.Context(), `
create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.001); return new; end';
create trigger slow before insert or update on eventstore.streams for each row execute function slow();
create trigger slow before insert on eventstore.claims for each row execute function slow();
create trigger slow before insert on eventstore.data_keys for each row execute function slow()`)
	if err != nil {
		t.Fatalf("slow rows: %v", err)
	}
}

func fresh(i int) string { return fmt.Sprintf("fresh %03d", i) }

func old(i int) string { return fmt.Sprintf("old %03d", i) }
