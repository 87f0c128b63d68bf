package member

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 1

// Column is what a list is sorted by. The numbers are those of the wire.
type Column uint8

// The columns. Equal ones are sorted by user, then by resource.
const (
	Unsorted Column = iota // as ByUser
	ByUser
	ByCreation
	ByChange
	columnEnd
)

// ListRequest says which memberships to list. The zero value asks for the last by user id first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Page        query.Page
	Consistency query.Consistency
}

// List is a page of memberships.
type List = query.Found[Member]

// List returns a page of the memberships that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of lists and with unavailable (query.ErrBehind) when a read
// model does not catch up in time. It never refuses for want of permission: who may read nobody's sees the own ones.
func (q *Queries) List(ctx context.Context, viewer query.ProjectViewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	search := query.Search[Member]{Model: q.model, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: (*Member).scan}
	return search.Run(ctx)
}

func (r ListRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
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
		Total: sqlTotal, Rows: sqlRows, Order: r.order(), Projections: projections(), Prepared: len(r.Filters) <= preparedFilters,
	}), nil
}

func (r ListRequest) order() string {
	columns := []string{"m.user_id", "m.organization_id", "m.project_id", "m.granted_id"}
	switch r.Sort {
	case ByCreation:
		columns = append([]string{"m.created_at"}, columns...)
	case ByChange:
		columns = append([]string{"m.changed_at"}, columns...)
	}
	return r.Page.Order(columns...)
}

func (m *Member) scan(row pgx.Row) error {
	err := row.Scan(
		&m.User.ID, &m.User.Organization, &m.User.LoginName, &m.User.DisplayName, &m.Resource.Organization, &m.Resource.Project,
		&m.Resource.Granted, &m.Name, &m.Roles, &m.Position, &m.CreatedAt, &m.ChangedAt,
	)
	m.CreatedAt, m.ChangedAt = m.CreatedAt.UTC(), m.ChangedAt.UTC()
	return err
}
