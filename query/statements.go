package query

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Sizes of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// Statements are the two of one list, each with parameters of its own. State answers one row: how far the read model is, and how
// many match on all pages. Rows are the page.
type Statements struct {
	State     string
	StateArgs []any
	Rows      string
	RowsArgs  []any
	Limit     int  // of the page; the statement may return more
	Prepared  bool // of so few shapes that the connections' statement caches have room for them
}

// StateSQL writes a statement that answers one row: a Snapshot of the models that projections feed, the least advanced of them,
// and further columns as of the same snapshot. $1 is the tenant. max() reads one entry of the log's primary key.
func StateSQL(columns string, projections ...string) string {
	names := "array['" + strings.Join(projections, "', '") + "']"
	return `
select slowest.position, slowest.updated_at, (select coalesce(max(position), 0) from eventstore.events),
       exists (select from eventstore.parked where projection = any (` + names + `) and tenant = $1),
       ` + columns + `
  from (select coalesce(min(coalesce(c.position, 0)), 0) as position, coalesce(min(coalesce(c.updated_at, 'epoch')), 'epoch') as updated_at
          from unnest(` + names + `) as p (name)
          left join eventstore.checkpoints c using (name)) as slowest`
}

// ScanState reads what StateSQL answers; further receives the columns.
func ScanState(row pgx.Row, further ...any) (Snapshot, error) {
	var snap Snapshot
	dest := append([]any{&snap.Position, &snap.At, &snap.Head, &snap.Incomplete}, further...)
	if err := row.Scan(dest...); err != nil {
		return Snapshot{}, err
	}
	snap.At = snap.At.UTC()
	return snap, nil
}

// Run runs both statements in this order: the rows' snapshot is never older than the one that the state stands in, so the state
// vouches for the rows. Statements that are not to be prepared take several round trips and leave nothing behind.
func (s *Statements) Run(ctx context.Context, pool *pgxpool.Pool, state func(pgx.Row) error, rows func(pgx.Rows) error) error {
	if !s.Prepared {
		return s.runUnprepared(ctx, pool, state, rows)
	}
	batch := &pgx.Batch{}
	batch.Queue(s.State, s.StateArgs...)
	batch.Queue(s.Rows, s.RowsArgs...)
	results := pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	if err := state(results.QueryRow()); err != nil {
		return err
	}
	found, err := results.Query()
	if err != nil {
		return err
	}
	if err := rows(found); err != nil {
		return err
	}
	return results.Close()
}

func (s *Statements) runUnprepared(ctx context.Context, pool *pgxpool.Pool, state func(pgx.Row) error, rows func(pgx.Rows) error) error {
	unprepared := func(args []any) []any { return append([]any{pgx.QueryExecModeDescribeExec}, args...) }
	if err := state(pool.QueryRow(ctx, s.State, unprepared(s.StateArgs)...)); err != nil {
		return err
	}
	found, err := pool.Query(ctx, s.Rows, unprepared(s.RowsArgs)...)
	if err != nil {
		return err
	}
	return rows(found)
}

// Reconcile makes a total agree with the page where the page shows the end of the list: the total was counted in a
// snapshot before that of the rows.
func Reconcile(total, offset uint64, rows, limit int) uint64 {
	seen := offset + uint64(rows)
	switch {
	case rows > 0 && rows < limit:
		return seen
	case rows == limit:
		return max(total, seen)
	case offset == 0:
		return 0
	default: // beyond the end
		return min(total, offset)
	}
}

// SizeClass rounds a page size up. It stands in the text of the statement, where the planner sees how little is wanted;
// the classes keep the number of texts small.
func SizeClass(limit int) int {
	for _, class := range [...]int{10, 50, DefaultLimit, 250, 500} {
		if limit <= class {
			return class
		}
	}
	return MaxLimit
}
