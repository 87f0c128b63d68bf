package wire

import (
	"context"
	"math/rand/v2"
	"time"
)

// sweepEvery is about how often a node sweeps counters.
const sweepEvery = time.Hour

// sweep deletes counters that are over, now and then. Nothing depends on it but the size of two tables.
func (c *Core) sweep(ctx context.Context) {
	for {
		// Nodes that were started together do not sweep together.
		pause := float64(sweepEvery) * (0.5 + rand.Float64()) //nolint:gosec // nobody gains by foreseeing a pause
		wait := time.NewTimer(time.Duration(pause))
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
