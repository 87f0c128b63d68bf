package authorization

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 1

// Column is what a list is sorted by. The numbers are those of the wire.
type Column uint8

// The columns. Equal ones are sorted by id.
const (
	Unsorted Column = iota // as ByCreation
	ByCreation
	ByChange
	ByID
	ByUser
	ByProject
	ByOrganization
	ByUserOrganization
	columnEnd
)

// ListRequest says which authorizations to list. The zero value asks for the newest first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Page        query.Page
	Consistency query.Consistency
}

// List is a page of authorizations.
type List = query.Found[Authorization]

// List returns a page of the authorizations that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of lists and with unavailable (query.ErrBehind) when a read
// model does not catch up in time. It never refuses for want of permission: who may read nobody's sees the own ones.
func (q *Queries) List(ctx context.Context, viewer query.ProjectViewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	search := query.Search[Authorization]{Model: q.model, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: (*Authorization).scan}
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
	first := "a.created_at"
	switch r.Sort {
	case ByChange:
		first = "a.changed_at"
	case ByID:
		return r.Page.Order("a.id")
	case ByUser:
		first = "a.user_id"
	case ByProject:
		first = "a.project_id"
	case ByOrganization:
		first = "a.organization_id"
	case ByUserOrganization:
		first = "a.user_organization_id"
	}
	return r.Page.Order(first, "a.id")
}

func (a *Authorization) scan(row pgx.Row) error {
	var active bool
	var keys, names, groups []string
	err := row.Scan(
		&a.ID, &a.User.ID, &a.User.Organization, &a.User.LoginName, &a.User.DisplayName, &a.User.Avatar, &a.Project.ID,
		&a.Project.Name, &a.Project.Organization, &a.Organization.ID, &a.Organization.Name, &a.Organization.PrimaryDomain, &active,
		&a.Position, &a.CreatedAt, &a.ChangedAt, &keys, &names, &groups,
	)
	if err != nil {
		return err
	}
	a.State = Inactive
	if active {
		a.State = Active
	}
	a.Granted = a.Project.Organization != a.Organization.ID
	a.CreatedAt, a.ChangedAt = a.CreatedAt.UTC(), a.ChangedAt.UTC()
	for i, key := range keys {
		a.Roles = append(a.Roles, Role{Key: key, DisplayName: names[i], Group: groups[i]})
	}
	return nil
}
