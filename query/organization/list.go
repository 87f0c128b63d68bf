package organization

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// Column is what a list is sorted by. The numbers are those of the wire.
type Column uint8

// The columns. Names sort ignoring case, in the order of code points; equal ones by id.
const (
	ByID Column = iota
	ByName
	ByCreation
	columnEnd
)

// ListRequest says which organizations to list. The zero value asks for the newest ids first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Consistency query.Consistency
}

// List is a page of organizations.
type List struct {
	Organizations []Organization
	Total         uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the organizations that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of this package and with unavailable (query.ErrBehind) when
// the read model does not catch up in time. It never refuses for want of permission: who may read none sees its own.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	var list List
	list.Reflected, err = q.model.Many(ctx, r.Consistency, func(ctx context.Context) (snap query.Snapshot, err error) {
		err = s.Run(ctx, q.pool, func(row pgx.Row) (err error) {
			snap, err = query.ScanState(row, &list.Total)
			return err
		}, func(rows pgx.Rows) error { return list.scan(rows, s.Limit) })
		return snap, query.Fault("list organizations", err)
	})
	if err != nil {
		return List{}, err
	}
	list.Total = query.Reconcile(list.Total, r.Offset, len(list.Organizations), s.Limit)
	return list, nil
}

func (r ListRequest) statements(viewer query.Viewer) (query.Statements, error) {
	page := Page{Offset: r.Offset, Limit: r.Limit, Ascending: r.Ascending}
	if err := page.check(); err != nil {
		return query.Statements{}, err
	}
	if r.Sort >= columnEnd {
		return query.Statements{}, errUnknownColumn
	}
	where := builder{args: []any{viewer.TenantID()}}
	where.scope(viewer)
	if err := where.filters(r.Filters); err != nil {
		return query.Statements{}, err
	}
	condition := where.sql.String()
	s := query.Statements{
		State: query.StateSQL(fmt.Sprintf(sqlCount, condition), projection), StateArgs: where.args, RowsArgs: where.args,
		Limit: page.Applied(), Prepared: len(r.Filters) <= preparedFilters,
	}
	limit := strconv.Itoa(query.SizeClass(s.Limit))
	if r.Offset > 0 {
		s.RowsArgs = append(slices.Clip(s.RowsArgs), int64(r.Offset))
		limit += " offset $" + strconv.Itoa(len(s.RowsArgs))
	}
	s.Rows = fmt.Sprintf(sqlRows, condition, r.Sort.order(page.direction()), limit)
	return s, nil
}

func (c Column) order(direction string) string {
	switch c {
	case ByName:
		return "o.name_lower" + direction + ", o.id" + direction
	case ByCreation:
		return "o.created_at" + direction + ", o.id" + direction
	default:
		return "o.id" + direction
	}
}

func (l *List) scan(rows pgx.Rows, limit int) error {
	defer rows.Close()
	l.Organizations = make([]Organization, 0, min(uint64(limit), l.Total))
	for rows.Next() {
		if len(l.Organizations) == limit { // the statement reads a class of page sizes
			break
		}
		var o Organization
		if err := rows.Scan(o.fields()...); err != nil {
			return err
		}
		o.utc()
		l.Organizations = append(l.Organizations, o)
	}
	rows.Close()
	return rows.Err()
}
