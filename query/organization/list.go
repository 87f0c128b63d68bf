package organization

import (
	"context"

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
	Page        query.Page
	Consistency query.Consistency
}

// List is a page of organizations.
type List = query.Found[Organization]

// List returns a page of the organizations that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of lists and with unavailable (query.ErrBehind) when
// the read model does not catch up in time. It never refuses for want of permission: who may read none sees its own.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	search := query.Search[Organization]{Model: q.model, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: (*Organization).scan}
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
		Total: sqlCount, Rows: sqlRows, Order: r.order(), Projections: []string{projection}, Prepared: len(r.Filters) <= preparedFilters,
	}), nil
}

func (r ListRequest) order() string {
	switch r.Sort {
	case ByName:
		return r.Page.Order("o.name_lower", "o.id")
	case ByCreation:
		return r.Page.Order("o.created_at", "o.id")
	default:
		return r.Page.Order("o.id")
	}
}

func (o *Organization) scan(row pgx.Row) error {
	err := row.Scan(o.fields()...)
	o.utc()
	return err
}
