package project

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// RolesRequest says which roles of a project to list. Without more than the project it asks for the newest first, a page of
// query.DefaultLimit.
type RolesRequest struct {
	Project     string
	Filters     []RoleFilter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Consistency query.Consistency
}

// Roles is a page of roles.
type Roles struct {
	Roles []Role
	Total uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

// ListRoles returns a page of the roles that match and that the viewer may read (project.role.read): all where it may read what the
// owner has, otherwise those that are granted. It refuses as List does; a project that is not there has none.
func (q *Queries) ListRoles(ctx context.Context, viewer query.ProjectViewer, r RolesRequest) (Roles, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return Roles{}, err
	}
	var found page[Role]
	reflected, err := q.projects.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		found = page[Role]{}
		err := s.Run(ctx, q.pool, found.scanState, found.scanRows(s.Limit, scanRole))
		return found.snapshot, query.Fault("list roles", err)
	})
	if err != nil {
		return Roles{}, err
	}
	return Roles{
		Roles:     found.rows,
		Total:     query.Reconcile(found.total, r.Offset, len(found.rows), s.Limit),
		Reflected: reflected,
	}, nil
}

func (r *RolesRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
	w := window{r.Sort, r.Ascending, r.Offset, r.Limit, len(r.Filters)}
	order, err := r.order(&w)
	if err != nil {
		return query.Statements{}, err
	}
	if err := w.check(); err != nil {
		return query.Statements{}, err
	}
	if !validID(r.Project) {
		return query.Statements{}, errInvalidID
	}
	b := &builder{args: []any{viewer.TenantID(), r.Project}}
	may := scopeOf(viewer, query.ProjectRoleRead)
	b.write(fromRoles)
	if !may.all {
		b.write(" and (", b.owners(&may, "p.id", "p.organization_id"), " or ", grantedRole, b.grantees(&may), "))")
	}
	for _, f := range r.Filters {
		if f == nil {
			return query.Statements{}, errNoCondition
		}
		b.write(" and ")
		if err := f.role(b); err != nil {
			return query.Statements{}, err
		}
	}
	from := b.cut()
	s := w.statements(b.args)
	s.State = query.StateSQL("(select count(*)"+from+")", projects)
	limit, _ := w.cut(&s)
	s.Rows = fmt.Sprintf(sqlRoles, from, order, limit)
	return s, nil
}

func (r *RolesRequest) order(w *window) (string, error) {
	switch r.Sort {
	case ByCreation:
		return w.order("r.created_at", "r.key"), nil
	case ByChange:
		return w.order("r.changed_at", "r.key"), nil
	case ByID:
		return w.order("r.key"), nil
	}
	return "", errUnknownColumn
}

func scanRole(from pgx.Row, r *Role) error {
	err := from.Scan(&r.Project, &r.Key, &r.DisplayName, &r.Group, &r.CreatedAt, &r.ChangedAt)
	r.CreatedAt, r.ChangedAt = r.CreatedAt.UTC(), r.ChangedAt.UTC()
	return err
}
