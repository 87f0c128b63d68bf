package organization_test

import (
	"testing"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/eventstore"
)

// remembering is a node whose directory answers from memory.
type remembering struct {
	*commandtest.Node

	recent    *command.Recent[organization.State]
	directory *organization.Directory
}

// newRemembering returns two nodes on one database.
func newRemembering(t *testing.T) (nodes [2]*remembering) {
	t.Helper()
	open, opened := database(t), 0
	log := func(o eventstore.Options) (*eventstore.Store, error) {
		on := &remembering{}
		nodes[opened] = on
		opened++
		o.Observers = append(o.Observers, func(events []eventstore.Event) {
			if on.recent != nil {
				on.recent.Observe(events)
			}
		})
		return open(o)
	}
	first := commandtest.New(t, log)
	for i, n := range []*commandtest.Node{first, first.Another(t)} {
		states, err := organization.NewExecutor(n.Runtime)
		must(t, err)
		recent := command.NewRecent(states)
		*nodes[i] = remembering{n, recent, organization.NewDirectory(n.Runtime, recent)}
	}
	return nodes
}

func (n *remembering) active(t *testing.T, id string) bool {
	t.Helper()
	active, err := n.directory.Active(t.Context(), n.Tenant, id)
	must(t, err)
	return active
}

// An organization that is remembered is deactivated at once on the node that does it, and soon on others.
func TestRememberedOrganizations(t *testing.T) {
	t.Parallel()
	nodes := newRemembering(t)
	for _, n := range nodes {
		n.Follow(t, n.recent, organization.Kind)
	}
	must(t, second(nodes[0].Organizations.Add(t.Context(), manager(), "o", "O")))
	for round := range 20 {
		here, other := nodes[round%2], nodes[(round+1)%2]
		active, set := round%2 == 1, here.Organizations.Deactivate
		if active {
			set = here.Organizations.Activate
		}
		here.active(t, "o")
		other.active(t, "o")
		must(t, second(set(t.Context(), manager(), "o")))
		if here.active(t, "o") != active {
			t.Fatalf("round %d: not so where it was done", round)
		}
		other.Soon(t, func() bool { return other.active(t, "o") == active })
	}
}
