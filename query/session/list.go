package session

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 3

// Column is what a list is sorted by. The numbers are those of the wire.
type Column uint8

// The columns. Sessions that began at the same moment are sorted by id.
const (
	ByID Column = iota
	ByCreation
	columnEnd
)

// ListRequest says which sessions to list. The zero value asks for the newest ids first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Page        query.Page
	Consistency query.Consistency
}

// List is a page of sessions.
type List = query.Found[Session]

// List returns a page of the sessions that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of lists and with unavailable (query.ErrBehind) when a
// read model does not catch up in time. It never refuses for want of permission: who may read nobody's sees the own ones.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	scan := func(s *Session, row pgx.Row) error { return s.scan(row) }
	search := query.Search[Session]{Model: q.both, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: scan}
	return search.Run(ctx)
}

func (r ListRequest) statements(viewer query.Viewer) (query.Statements, error) {
	if err := r.Page.Check(); err != nil {
		return query.Statements{}, err
	}
	if r.Sort >= columnEnd {
		return query.Statements{}, query.ErrUnknownColumn
	}
	where := query.NewConditions(viewer.TenantID())
	scope(where, viewer)
	if err := query.Where(where, r.Filters, Filter.write); err != nil {
		return query.Statements{}, err
	}
	return r.Page.List(where, query.Listing{
		Total: sqlTotal, Rows: sqlRows, Order: r.order(), Projections: []string{projection, names}, Prepared: len(r.Filters) <= preparedFilters,
	}), nil
}

func (r ListRequest) order() string {
	if r.Sort == ByCreation {
		return r.Page.Order("s.created_at", "s.id")
	}
	return r.Page.Order("s.id")
}
