package project

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// GrantsRequest says which grants to list. The zero value asks for the newest first, a page of query.DefaultLimit.
type GrantsRequest struct {
	Filters     []GrantFilter // all must hold
	Sort        Column
	Page        query.Page
	Consistency query.Consistency
}

// Grants is a page of grants.
type Grants = query.Found[Grant]

// ListGrants returns a page of the grants that match and that the viewer may read (project.grant.read): on the project, on the
// organization that owns it, or on the organization that it is granted to. It refuses as List does.
func (q *Queries) ListGrants(ctx context.Context, viewer query.ProjectViewer, r GrantsRequest) (Grants, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return Grants{}, err
	}
	search := query.Search[Grant]{Model: q.named, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: (*Grant).scan}
	return search.Run(ctx)
}

func (r *GrantsRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
	order, err := r.order()
	if err != nil {
		return query.Statements{}, err
	}
	if err := r.Page.Check(); err != nil {
		return query.Statements{}, err
	}
	where := query.NewConditions(viewer.TenantID())
	may := scopeOf(viewer, query.ProjectGrantRead)
	where.Write(fromGranted, "(", may.grantees(where), " or ", may.owners(where, "g.project_id", "g.organization_id"), ")")
	if err := query.Where(where, r.Filters, GrantFilter.grant); err != nil {
		return query.Statements{}, err
	}
	if !may.all {
		where.Write(fence)
	}
	return r.Page.List(where, query.Listing{
		Total: sqlCount, Rows: sqlGrants, Order: order, Projections: []string{projects, organizations}, Prepared: len(r.Filters) <= preparedFilters,
	}), nil
}

func (r *GrantsRequest) order() (string, error) {
	switch r.Sort {
	case ByCreation:
		return r.Page.Order("g.created_at", "g.project_id", "g.granted_organization_id"), nil
	case ByChange:
		return r.Page.Order("g.changed_at", "g.project_id", "g.granted_organization_id"), nil
	case ByID:
		return r.Page.Order("g.project_id", "g.granted_organization_id"), nil
	}
	return "", query.ErrUnknownColumn
}

func (g *Grant) scan(from pgx.Row) error {
	err := from.Scan(&g.Project, &g.ProjectName, &g.Organization, &g.To.Organization, &g.To.Name, &g.To.State, &g.Roles,
		&g.CreatedAt, &g.ChangedAt)
	g.CreatedAt, g.ChangedAt = g.CreatedAt.UTC(), g.ChangedAt.UTC()
	return err
}
