package projection

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

// scriptWeight is for how many rows one statement counts: it is larger in memory, and takes longer.
const scriptWeight = 16

// Script is a fold's statements in the order of their events. It is for models whose events mean the same statements whatever
// rows there are: such a fold embeds it, and reads and holds no rows.
type Script struct {
	// Tables puts the names of a generation's tables in place of what statements call them.
	Tables *strings.Replacer

	steps []step
}

type step struct {
	sql  string
	args []any
}

// Add adds a statement.
func (s *Script) Add(sql string, args ...any) {
	s.steps = append(s.steps, step{s.Tables.Replace(sql), args})
}

// Skip leaves an event out: there is nothing to count it in.
func (s *Script) Skip(context.Context, Querier, *eventstore.Event) error { return nil }

// Len tells in rows how much is held.
func (s *Script) Len() int { return len(s.steps) * scriptWeight }

// Queue queues the statements and forgets them.
func (s *Script) Queue(batch *pgx.Batch) {
	for i := range s.steps {
		batch.Queue(s.steps[i].sql, s.steps[i].args...)
	}
	s.steps = nil
}

// Write is Queue at once.
func (s *Script) Write(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	s.Queue(batch)
	return tx.SendBatch(ctx, batch).Close()
}
