package project

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 3

// Column is what a list is sorted by.
type Column uint8

// The columns. What is equal is sorted by id.
const (
	ByCreation Column = iota
	ByChange
	ByID   // of the project; of roles the key
	ByName // of the project, only projects
	columnEnd
)

// window is which part of a list is asked for.
type window struct {
	sort      Column
	ascending bool
	offset    uint64
	limit     uint32
	filters   int
}

func (w *window) check() error {
	switch {
	case w.limit > query.MaxLimit:
		return errLimit
	case w.offset > math.MaxInt64/2:
		return errOffset
	case w.filters > MaxFilters:
		return errTooMany
	}
	return nil
}

// order writes by what rows are sorted: all columns the same way.
func (w *window) order(columns ...string) string {
	direction := " desc"
	if w.ascending {
		direction = " asc"
	}
	return strings.Join(columns, direction+", ") + direction
}

// statements returns both statements of a list without their texts.
func (w *window) statements(args []any) query.Statements {
	return query.Statements{
		StateArgs: args, RowsArgs: args, Limit: cmp.Or(int(w.limit), query.DefaultLimit), Prepared: w.filters <= preparedFilters,
	}
}

// cut writes how many rows to return, and how many have to be found for that. The offset becomes the last parameter of the rows.
func (w *window) cut(s *query.Statements) (limit, within string) {
	limit = strconv.Itoa(query.SizeClass(s.Limit))
	if w.offset == 0 {
		return limit, limit
	}
	s.RowsArgs = append(slices.Clip(s.RowsArgs), int64(w.offset))
	offset := "$" + strconv.Itoa(len(s.RowsArgs))
	return limit + " offset " + offset, limit + " + " + offset + "::bigint"
}

// page is what both statements of a list found.
type page[T any] struct {
	snapshot query.Snapshot
	total    uint64
	rows     []T
}

func (p *page[T]) scanState(row pgx.Row) (err error) {
	p.snapshot, err = query.ScanState(row, &p.total)
	return err
}

// scanRows returns what takes the rows: no more than limit, because the statement reads a class of page sizes.
func (p *page[T]) scanRows(limit int, scan func(pgx.Row, *T) error) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		defer rows.Close()
		p.rows = make([]T, 0, min(uint64(limit), p.total))
		for rows.Next() && len(p.rows) < limit {
			var found T
			if err := scan(rows, &found); err != nil {
				return err
			}
			p.rows = append(p.rows, found)
		}
		rows.Close()
		return rows.Err()
	}
}
