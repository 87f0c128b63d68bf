package organization

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// Proof is how a domain is to be proven. The numbers are those of the wire and of the read model.
type Proof int16

// The proofs.
const (
	ProofNone Proof = 0 // none was asked for
	ProofHTTP Proof = 1 // a file
	ProofDNS  Proof = 2 // a TXT record
)

// Domain is a domain that an organization says is its own.
type Domain struct {
	Name      string
	Verified  bool
	Primary   bool
	Proof     Proof // that was asked for last
	CreatedAt time.Time
}

// DomainColumn is what a list of domains is sorted by. The numbers are those of the wire.
type DomainColumn uint8

// The columns.
const (
	DomainUnsorted DomainColumn = iota // as DomainByName
	DomainByName
	DomainByCreation
	domainColumnEnd
)

// DomainIs is a condition on the name of a domain.
type DomainIs struct {
	Method query.TextMethod
	Value  string
}

// DomainsRequest says which domains of an organization to list. All filters must hold.
type DomainsRequest struct {
	Organization string
	Filters      []DomainIs
	Sort         DomainColumn
	Page         query.Page
	Consistency  query.Consistency
}

// DomainList is a page of the domains of one organization.
type DomainList struct {
	Domains []Domain
	Total   uint64 // that match, on all pages
	query.Reflected
}

// Domains returns a page of an organization's domains. It refuses as Get does, and a page and filters as List does.
func (q *Queries) Domains(ctx context.Context, viewer query.Viewer, r DomainsRequest) (DomainList, error) {
	if r.Sort >= domainColumnEnd {
		return DomainList{}, query.ErrUnknownColumn
	}
	where := ofOne(viewer, r.Organization)
	if err := query.Where(where, r.Filters, DomainIs.write); err != nil {
		return DomainList{}, err
	}
	order := r.Page.Order("d.domain")
	if r.Sort == DomainByCreation {
		order = r.Page.Order("d.created_at", "d.position")
	}
	s := belongings{sql: sqlDomains, order: order, page: r.Page, where: where, prepared: len(r.Filters) <= preparedFilters}
	o := one{id: r.Organization, consistency: r.Consistency}
	var list DomainList
	err := q.belongings(ctx, viewer, &o, s, func(rows pgx.Rows) (err error) {
		list, err = scanDomains(rows, &o, r.Page.Applied())
		return err
	})
	if err != nil {
		return DomainList{}, err
	}
	list.Reflected = o.reflected()
	return list, nil
}

func scanDomains(rows pgx.Rows, o *one, limit int) (list DomainList, err error) {
	for rows.Next() {
		var (
			name              *string
			verified, primary *bool
			proof             *int16
			created           *time.Time
		)
		if err := rows.Scan(append(o.fields(), &list.Total, &name, &verified, &primary, &proof, &created)...); err != nil {
			return DomainList{}, err
		}
		if name != nil && len(list.Domains) < limit { // the outer join found one, in a class of page sizes
			list.Domains = append(list.Domains, Domain{*name, *verified, *primary, Proof(*proof), created.UTC()})
		}
	}
	return list, rows.Err()
}

// belongings is the statement of a list of what one organization has.
type belongings struct {
	sql      string
	order    string
	page     query.Page
	where    *query.Conditions // of ofOne
	prepared bool
}

// ofOne returns conditions on what one organization has.
func ofOne(viewer query.Viewer, id string) *query.Conditions {
	return query.NewConditions(viewer.TenantID(), id, viewer.SubjectID())
}

// belongings runs the statement. scan has o's fields filled with each row.
func (q *Queries) belongings(ctx context.Context, viewer query.Viewer, o *one, b belongings, scan func(pgx.Rows) error) error {
	if err := b.page.Check(); err != nil {
		return err
	}
	condition := b.where.Cut()
	s := b.page.Statements(b.where)
	limit := s.Cut()
	sql, args := fmt.Sprintf(b.sql, condition, b.order, limit), s.RowsArgs
	if !b.prepared {
		args = append([]any{pgx.QueryExecModeDescribeExec}, args...)
	}
	return q.of(ctx, viewer, o, func(ctx context.Context) error {
		rows, err := q.pool.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		if err := scan(rows); err != nil {
			return err
		}
		if o.stream == 0 {
			return pgx.ErrNoRows
		}
		return nil
	})
}
