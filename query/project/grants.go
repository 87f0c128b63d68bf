package project

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// GrantsRequest says which grants to list. The zero value asks for the newest first, a page of query.DefaultLimit.
type GrantsRequest struct {
	Filters     []GrantFilter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Consistency query.Consistency
}

// Grants is a page of grants.
type Grants struct {
	Grants []Grant
	Total  uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

// ListGrants returns a page of the grants that match and that the viewer may read (project.grant.read): on the project, on the
// organization that owns it, or on the organization that it is granted to. It refuses as List does.
func (q *Queries) ListGrants(ctx context.Context, viewer query.ProjectViewer, r GrantsRequest) (Grants, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return Grants{}, err
	}
	var found page[Grant]
	reflected, err := q.named.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		found = page[Grant]{}
		err := s.Run(ctx, q.pool, found.scanState, found.scanRows(s.Limit, scanGrant))
		return found.snapshot, query.Fault("list grants", err)
	})
	if err != nil {
		return Grants{}, err
	}
	return Grants{
		Grants:    found.rows,
		Total:     query.Reconcile(found.total, r.Offset, len(found.rows), s.Limit),
		Reflected: reflected,
	}, nil
}

func (r *GrantsRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
	w := window{r.Sort, r.Ascending, r.Offset, r.Limit, len(r.Filters)}
	order, err := r.order(&w)
	if err != nil {
		return query.Statements{}, err
	}
	if err := w.check(); err != nil {
		return query.Statements{}, err
	}
	b := &builder{args: []any{viewer.TenantID()}}
	may := scopeOf(viewer, query.ProjectGrantRead)
	b.write(fromGranted, "(", b.grantees(&may), " or ", b.owners(&may, "g.project_id", "g.organization_id"), ")")
	for _, f := range r.Filters {
		if f == nil {
			return query.Statements{}, errNoCondition
		}
		b.write(" and ")
		if err := f.grant(b); err != nil {
			return query.Statements{}, err
		}
	}
	from := b.cut()
	s := w.statements(b.args)
	s.State = query.StateSQL("(select count(*)"+from+")", projects, organizations)
	limit, _ := w.cut(&s)
	if !may.all {
		from += fence
	}
	s.Rows = fmt.Sprintf(sqlGrants, from, order, limit)
	return s, nil
}

func (r *GrantsRequest) order(w *window) (string, error) {
	switch r.Sort {
	case ByCreation:
		return w.order("g.created_at", "g.project_id", "g.granted_organization_id"), nil
	case ByChange:
		return w.order("g.changed_at", "g.project_id", "g.granted_organization_id"), nil
	case ByID:
		return w.order("g.project_id", "g.granted_organization_id"), nil
	}
	return "", errUnknownColumn
}

func scanGrant(from pgx.Row, g *Grant) error {
	err := from.Scan(&g.Project, &g.ProjectName, &g.Organization, &g.To.Organization, &g.To.Name, &g.To.State, &g.Roles,
		&g.CreatedAt, &g.ChangedAt)
	g.CreatedAt, g.ChangedAt = g.CreatedAt.UTC(), g.ChangedAt.UTC()
	return err
}
