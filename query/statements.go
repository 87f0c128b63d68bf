package query

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
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
	offset    uint64
}

// EndedOrganization is a condition on the stream os of an organization: it has ended. Nothing follows the end in a stream.
const EndedOrganization = `exists (
            select from eventstore.events e
             where e.stream_id = os.id and e.stream_kind = os.kind and e.tenant = os.tenant and e.version = os.version
               and e.type = 'org.removed')`

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

// Search is the question for one list, whose rows are Ts.
type Search[T any] struct {
	Model       *Model
	Pool        *pgxpool.Pool
	Statements  Statements // State is made by StateSQL with the total as its only column
	Consistency Consistency
	Scan        func(*T, pgx.Row) error
}

// Found is a page of a list.
type Found[T any] struct {
	Rows  []T
	Total uint64 // that match and the viewer may read, on all pages
	Reflected
}

// Run answers the question. It refuses with ErrBehind when a read model does not catch up in time.
func (s *Search[T]) Run(ctx context.Context) (Found[T], error) {
	var found Found[T]
	var err error
	found.Reflected, err = s.Model.Many(ctx, s.Consistency, func(ctx context.Context) (snap Snapshot, err error) {
		err = s.Statements.Run(ctx, s.Pool, func(row pgx.Row) (err error) {
			snap, err = ScanState(row, &found.Total)
			return err
		}, func(rows pgx.Rows) (err error) {
			found.Rows, err = s.scan(rows, found.Total)
			return err
		})
		return snap, Fault("read a list", err)
	})
	if err != nil {
		return Found[T]{}, err
	}
	found.Total = Reconcile(found.Total, s.Statements.offset, len(found.Rows), s.Statements.Limit)
	return found, nil
}

// scan takes no more rows than the limit, because the statement reads a class of page sizes.
func (s *Search[T]) scan(rows pgx.Rows, total uint64) ([]T, error) {
	defer rows.Close()
	found := make([]T, 0, min(uint64(s.Statements.Limit), total))
	for len(found) < s.Statements.Limit && rows.Next() {
		found = append(found, *new(T))
		if err := s.Scan(&found[len(found)-1], rows); err != nil {
			return nil, err
		}
	}
	rows.Close()
	return found, rows.Err()
}
