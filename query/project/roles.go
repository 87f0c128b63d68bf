package project

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// RolesRequest says which roles of a project to list. Without more than the project it asks for the newest first, a page of
// query.DefaultLimit.
type RolesRequest struct {
	Project     string
	Filters     []RoleFilter // all must hold
	Sort        Column
	Page        query.Page
	Consistency query.Consistency
}

// Roles is a page of roles.
type Roles = query.Found[Role]

// ListRoles returns a page of the roles that match and that the viewer may read (project.role.read): all where it may read what the
// owner has, otherwise those that are granted. It refuses as List does; a project that is not there has none.
func (q *Queries) ListRoles(ctx context.Context, viewer query.ProjectViewer, r RolesRequest) (Roles, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return Roles{}, err
	}
	search := query.Search[Role]{Model: q.projects, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: (*Role).scan}
	return search.Run(ctx)
}

func (r *RolesRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
	order, err := r.order()
	if err != nil {
		return query.Statements{}, err
	}
	if err := r.Page.Check(); err != nil {
		return query.Statements{}, err
	}
	if !query.ValidID(r.Project) {
		return query.Statements{}, errInvalidID
	}
	where := query.NewConditions(viewer.TenantID(), r.Project)
	may := scopeOf(viewer, query.ProjectRoleRead)
	where.Write(fromRoles)
	if !may.all {
		where.Write(" and (", may.owners(where, "p.id", "p.organization_id"), " or ", grantedRole, may.grantees(where), "))")
	}
	if err := query.Where(where, r.Filters, RoleFilter.role); err != nil {
		return query.Statements{}, err
	}
	return r.Page.List(where, query.Listing{
		Total: sqlCount, Rows: sqlRoles, Order: order, Projections: []string{projects}, Prepared: len(r.Filters) <= preparedFilters,
	}), nil
}

func (r *RolesRequest) order() (string, error) {
	switch r.Sort {
	case ByCreation:
		return r.Page.Order("r.created_at", "r.key"), nil
	case ByChange:
		return r.Page.Order("r.changed_at", "r.key"), nil
	case ByID:
		return r.Page.Order("r.key"), nil
	}
	return "", query.ErrUnknownColumn
}

func (r *Role) scan(from pgx.Row) error {
	err := from.Scan(&r.Project, &r.Key, &r.DisplayName, &r.Group, &r.CreatedAt, &r.ChangedAt)
	r.CreatedAt, r.ChangedAt = r.CreatedAt.UTC(), r.ChangedAt.UTC()
	return err
}
