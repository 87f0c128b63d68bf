package organization_test

import (
	"context"
	"sync"
	"testing"
	"time"

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

func (n *remembering) follow(ctx context.Context) error {
	return (&command.Follower{
		Store: n.Store, After: n.Store.HighWater(), Kinds: []string{organization.Kind}, Lost: n.recent.Lost,
		Changed: func(_ context.Context, streams []eventstore.StreamID) error {
			n.recent.Changed(streams)
			return nil
		},
	}).Run(ctx)
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
	ctx, stop := context.WithCancel(t.Context())
	var following sync.WaitGroup
	defer following.Wait()
	defer stop()
	for _, n := range nodes {
		following.Go(func() { _ = n.follow(ctx) })
	}
	must(t, second(nodes[0].Organizations.Add(ctx, manager(), "o", "O")))
	for round := range 20 {
		here, other := nodes[round%2], nodes[(round+1)%2]
		active, set := round%2 == 1, here.Organizations.Deactivate
		if active {
			set = here.Organizations.Activate
		}
		here.active(t, "o")
		other.active(t, "o")
		must(t, second(set(ctx, manager(), "o")))
		if here.active(t, "o") != active {
			t.Fatalf("round %d: not so where it was done", round)
		}
		for tries := 0; other.active(t, "o") != active; tries++ {
			if tries > 10_000 {
				t.Fatalf("round %d: the other node has not heard of it", round)
			}
			next, cancel := context.WithTimeout(ctx, time.Millisecond)
			_, _ = other.Store.AwaitHighWater(next, other.Store.HighWater())
			cancel()
		}
	}
}
