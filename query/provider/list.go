package provider

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// ListRequest says which providers to list. The zero value asks for the newest first, a page of query.DefaultLimit.
type ListRequest struct {
	Organization string // only those of this one; empty for all
	Page         query.Page
	Consistency  query.Consistency
}

// List is a page of providers.
type List = query.Found[Provider]

// List returns a page of the providers that match and that the viewer may read, in the order of their ids.
//
// It refuses with permission_denied when the viewer may read none at all, with invalid_argument what is beyond the limits of lists,
// and with unavailable (query.ErrBehind) when the read model does not catch up in time.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	search := query.Search[Provider]{Model: q.model, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: (*Provider).scan}
	return search.Run(ctx)
}

func (r ListRequest) statements(viewer query.Viewer) (query.Statements, error) {
	if err := r.Page.Check(); err != nil {
		return query.Statements{}, err
	}
	switch {
	case strings.Contains(r.Organization, "\x00"):
		return query.Statements{}, errInvalidID
	case !query.MayAnywhere(viewer, query.IDPRead):
		return query.Statements{}, query.ErrDenied
	}
	where := query.NewConditions(viewer.TenantID())
	if organizations, all := viewer.Organizations(query.IDPRead); !all {
		where.Write(" and p.organization_id = any (", where.Bind(organizations), ")")
	}
	if r.Organization != "" {
		where.Write(" and p.organization_id = ", where.Bind(r.Organization))
	}
	return r.Page.List(where, query.Listing{
		Total: sqlTotal, Rows: sqlRows, Order: r.Page.Order("p.id"), Projections: []string{projection}, Prepared: true,
	}), nil
}

func (p *Provider) scan(from pgx.Row) error {
	var r row
	err := from.Scan(r.fields()...)
	if err == nil {
		*p, err = r.provider()
	}
	return err
}
