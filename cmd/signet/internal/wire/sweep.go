package wire

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/eventstore"
)

// sweepEvery is about how often a node sweeps counters.
const sweepEvery = time.Hour

// untilSweep is how long to wait for the next sweep. Nodes that were started together do not sweep together.
func untilSweep() time.Duration {
	return time.Duration(float64(sweepEvery) * (0.5 + rand.Float64())) //nolint:gosec // nobody gains by foreseeing a pause
}

// sweep deletes counters that are over, now and then. Nothing depends on it but the size of two tables.
func (c *Core) sweep(ctx context.Context) {
	for {
		wait := time.NewTimer(untilSweep())
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		swept, err := c.Store.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			c.log.Warn().Err(err).Msg("counters were not swept")
		}
		c.log.Debug().Int("rows", swept).Msg("swept counters")
	}
}

// clear removes the users of organizations that were removed: at the start, for a node may have died over it, as soon as one is removed
// here, and now and then, for what another node left.
func (n *Node) clear(ctx context.Context, clearing *organization.Clearing, t *tenants) {
	for {
		for _, name := range t.names() {
			cleared, err := clearing.Clear(ctx, name)
			if err != nil && ctx.Err() == nil {
				n.log.Warn().Err(err).Str("tenant", name).Msg("users of removed organizations were not cleared")
			}
			if cleared > 0 {
				n.log.Info().Int("users", cleared).Str("tenant", name).Msg("cleared users of removed organizations")
			}
		}
		wait := time.NewTimer(untilSweep())
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-n.removed:
			wait.Stop()
		case <-wait.C:
		}
	}
}

// noteRemovals wakes clear when an organization is removed by this process.
func noteRemovals(events []eventstore.Event, removed chan<- struct{}) {
	for i := range events {
		if events[i].Stream.Kind != organization.Kind || events[i].Type != organization.RemovedType() {
			continue
		}
		select {
		case removed <- struct{}{}:
		default: // it is to wake already
		}
		return
	}
}
