package user

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/query"
)

// LinkedProvider is a link and the provider that it leads to.
type LinkedProvider struct {
	Link

	Name string // of the provider; empty once that was removed
	OIDC bool   // it speaks OpenID Connect
}

// LinkedProviders are a page of the links of one user.
type LinkedProviders struct {
	Links []LinkedProvider
	Total uint64 // on all pages
	query.Reflected
}

// LinkedProviders returns what Links does, and what the providers are called. Whoever may see a link may know that: it stood on the
// page where the link was made.
func (q *Queries) LinkedProviders(ctx context.Context, viewer query.Viewer, id string, p query.Page, c query.Consistency) (LinkedProviders, error) {
	if err := p.Check(); err != nil {
		return LinkedProviders{}, err
	}
	var found []LinkedProvider
	o := owner{id: id, consistency: c, model: q.linked}
	reflected, err := q.ofUser(ctx, viewer, o, func(ctx context.Context) (account, error) {
		rows, err := q.pool.Query(ctx, sqlLinkedProviders, viewer.TenantID(), id)
		if err != nil {
			return account{}, err
		}
		var a account
		a, found, err = scanLinkedProviders(rows)
		return a, err
	})
	if err != nil {
		return LinkedProviders{}, err
	}
	if !p.Ascending {
		slices.Reverse(found)
	}
	total := uint64(len(found))
	from := min(p.Offset, total)
	return LinkedProviders{Links: found[from:min(from+uint64(p.Applied()), total)], Total: total, Reflected: reflected}, nil
}

// scanLinkedProviders takes a user's row for outdated, too, while a provider's is: an answer stands on both.
func scanLinkedProviders(rows pgx.Rows) (a account, found []LinkedProvider, err error) {
	defer rows.Close()
	outdated := false
	for rows.Next() {
		var (
			l        LinkedProvider
			settings []byte
			behind   bool
		)
		into := append(a.fields(), &l.ProviderID, &l.ExternalID, &l.Username, &settings, &behind)
		if err := rows.Scan(into...); err != nil {
			return account{}, nil, err
		}
		if l.ProviderID == "" { // the outer join found none
			continue
		}
		var provider eventv1.IdentityProvider
		if err := proto.Unmarshal(settings, &provider); err != nil {
			return account{}, nil, err
		}
		l.Name, l.OIDC = provider.GetName(), provider.GetOidc() != nil
		found, outdated = append(found, l), outdated || behind
	}
	if outdated {
		a.row = 0
	}
	return a, found, rows.Err()
}
