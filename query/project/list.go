package project

import (
	"context"
	"fmt"

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
)

// ListRequest says which projects to list. The zero value asks for the newest first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Page        query.Page
	Consistency query.Consistency
}

// List is a page of projects.
type List = query.Found[Project]

// List returns a page of the projects that match and that the viewer may read: each as its owner has it, and as it was granted to
// each organization on which the viewer may read it or whose grant it may read.
//
// It refuses with invalid_argument what is beyond the limits of lists and with unavailable (query.ErrBehind) when a read
// model does not catch up in time. It never refuses for want of permission.
func (q *Queries) List(ctx context.Context, viewer query.ProjectViewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	scan := func(p *Project, row pgx.Row) error { return p.scan(row) }
	search := query.Search[Project]{Model: q.named, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: scan}
	return search.Run(ctx)
}

func (r *ListRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
	order, err := r.order()
	if err != nil {
		return query.Statements{}, err
	}
	if err := r.Page.Check(); err != nil {
		return query.Statements{}, err
	}
	where := query.NewConditions(viewer.TenantID())
	reads, readsGrants := scopeOf(viewer, query.ProjectRead), scopeOf(viewer, query.ProjectGrantRead)
	where.Write(fromOwned, reads.owners(where, "p.id", "p.organization_id"))
	if err := r.conditions(where, asOwned); err != nil {
		return query.Statements{}, err
	}
	owned := where.Cut()
	where.Write(fromGranted, "(", reads.grantees(where), " or ", readsGrants.owners(where, "g.project_id", "g.organization_id"), ")")
	if err := r.conditions(where, asGranted); err != nil {
		return query.Statements{}, err
	}
	granted := where.Cut()
	s := r.Page.Statements(where)
	s.Prepared = len(r.Filters) <= preparedFilters
	s.State = query.StateSQL("(select count(*)"+owned+") + (select count(*)"+granted+")", projects, organizations)
	limit, within := s.Cut(), s.Within()
	if !reads.all {
		owned, granted = owned+fence, granted+fence
	}
	s.Rows = fmt.Sprintf(sqlProjects, owned, granted, r.Page.Order("p."+order, "p.id", "p.granted_organization_id"), within, limit)
	return s, nil
}

func (r *ListRequest) order() (string, error) {
	switch r.Sort {
	case ByCreation:
		return "created_at", nil
	case ByChange:
		return "changed_at", nil
	case ByID:
		return "id", nil
	case ByName:
		return "name", nil
	}
	return "", query.ErrUnknownColumn
}

func (r *ListRequest) conditions(where *query.Conditions, as view) error {
	return query.Where(where, r.Filters, func(f Filter, where *query.Conditions) error { return f.project(where, as) })
}
