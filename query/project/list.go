package project

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// ListRequest says which projects to list. The zero value asks for the newest first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Consistency query.Consistency
}

// List is a page of projects.
type List struct {
	Projects []Project
	Total    uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the projects that match and that the viewer may read: each as its owner has it, and as it was granted to
// each organization on which the viewer may read it or whose grant it may read.
//
// It refuses with invalid_argument what is beyond the limits of this package and with unavailable (query.ErrBehind) when a read
// model does not catch up in time. It never refuses for want of permission.
func (q *Queries) List(ctx context.Context, viewer query.ProjectViewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	var found page[Project]
	reflected, err := q.named.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		found = page[Project]{}
		scan := func(row pgx.Row, p *Project) error { return p.scan(row) }
		err := s.Run(ctx, q.pool, found.scanState, found.scanRows(s.Limit, scan))
		return found.snapshot, query.Fault("list projects", err)
	})
	if err != nil {
		return List{}, err
	}
	return List{
		Projects:  found.rows,
		Total:     query.Reconcile(found.total, r.Offset, len(found.rows), s.Limit),
		Reflected: reflected,
	}, nil
}

func (r *ListRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
	w := window{r.Sort, r.Ascending, r.Offset, r.Limit, len(r.Filters)}
	order, err := r.order()
	if err != nil {
		return query.Statements{}, err
	}
	if err := w.check(); err != nil {
		return query.Statements{}, err
	}
	b := &builder{args: []any{viewer.TenantID()}}
	reads, readsGrants := scopeOf(viewer, query.ProjectRead), scopeOf(viewer, query.ProjectGrantRead)
	b.write(fromOwned, b.owners(&reads, "p.id", "p.organization_id"))
	if err := r.conditions(b, asOwned); err != nil {
		return query.Statements{}, err
	}
	owned := b.cut()
	b.write(fromGranted, "(", b.grantees(&reads), " or ", b.owners(&readsGrants, "g.project_id", "g.organization_id"), ")")
	if err := r.conditions(b, asGranted); err != nil {
		return query.Statements{}, err
	}
	granted := b.cut()
	s := w.statements(b.args)
	s.State = query.StateSQL("(select count(*)"+owned+") + (select count(*)"+granted+")", projects, organizations)
	limit, within := w.cut(&s)
	if !reads.all {
		owned, granted = owned+fence, granted+fence
	}
	s.Rows = fmt.Sprintf(sqlProjects, owned, granted, w.order("p."+order, "p.id", "p.granted_organization_id"), within, limit)
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
	return "", errUnknownColumn
}

func (r *ListRequest) conditions(b *builder, as view) error {
	b.listed = 0
	for _, f := range r.Filters {
		if f == nil {
			return errNoCondition
		}
		b.write(" and ")
		if err := f.project(b, as); err != nil {
			return err
		}
	}
	return nil
}
