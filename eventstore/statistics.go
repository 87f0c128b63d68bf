package eventstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// statisticsFirst is the number of events at which the planner is told for the first time how large the tables are;
	// after that each time the log has doubled.
	statisticsFirst   Position = 1000
	statisticsTimeout          = time.Minute
)

// statisticsLoop has the tables analyzed while the log is young. A statement that is prepared when its tables are empty may get a
// plan that reads all of a tenant's rows, which is as good as any other then. Postgres makes a new plan once a table is analyzed,
// but by itself it thinks of that once a minute: under load the same plan meets a hundred thousand rows by then.
func (s *Store) statisticsLoop(ctx context.Context) {
	for reached := s.HighWater(); ; {
		var err error
		if reached, err = s.AwaitHighWater(ctx, nextStatistics(reached)-1); err != nil {
			return
		}
		if err := s.analyze(ctx); err != nil && ctx.Err() == nil {
			s.opts.Logger.Warn().Err(err).Msg("statistics: the tables were not analyzed")
		}
	}
}

func nextStatistics(reached Position) Position { return max(statisticsFirst, 2*reached) }

// analyze brings the planner's statistics up to date, unless another node is about to.
func (s *Store) analyze(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, statisticsTimeout)
	defer cancel()
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, sqlTryStatistics, statisticsLock).Scan(&mine); err != nil || !mine {
			return err
		}
		rows, err := tx.Query(ctx, sqlTables)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(tables) == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, "analyze "+strings.Join(tables, ", ")); err != nil {
			return fmt.Errorf("eventstore: analyze: %w", err)
		}
		return nil
	})
}
