package eventstore

import (
	"context"
	"fmt"
	"time"
)

const (
	// attemptsKept is how long a budget of Spend and a counter of Advance are kept. What they guard ends sooner: no window is
	// longer, no code lives longer, and nobody accepts a time step that old.
	attemptsKept = 7 * 24 * time.Hour
	// limitsKept is how long a limit is kept once it is forgotten, for whoever wants to look.
	limitsKept = 24 * time.Hour

	sweepBatch = 1000 // rows a statement deletes: it locks them no longer than a request takes
)

// Sweep deletes counters that are of no use any more, in small batches, and returns how many there were. Several nodes may sweep at
// once: they pass over each other's rows.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	now, swept := s.opts.Now(), 0
	for _, step := range []struct {
		sql    string
		before time.Time
	}{
		{sqlSweepLimits, now.Add(-limitsKept)},
		{sqlSweepAttempts, now.Add(-attemptsKept)},
	} {
		for {
			tag, err := s.pool.Exec(ctx, step.sql, step.before, sweepBatch)
			if err != nil {
				return swept, fmt.Errorf("eventstore: sweep counters: %w", Unavailable(err))
			}
			swept += int(tag.RowsAffected())
			if tag.RowsAffected() < sweepBatch {
				break
			}
		}
	}
	return swept, nil
}
