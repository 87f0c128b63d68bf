package user

import (
	"context"
	"slices"

	"github.com/signet-iam/signet/query"
)

// Link is an account at an identity provider with which a user signs in.
type Link struct {
	ProviderID string
	ExternalID string // of the user, at the provider
	Username   string // at the provider
}

// Links are a page of the links of one user.
type Links struct {
	Links []Link
	Total uint64 // on all pages
	query.Reflected
}

// Links returns a page of the links of a user, in the order in which they were made or the reverse. It refuses as Passkeys
// does, and a page as List does.
func (q *Queries) Links(ctx context.Context, viewer query.Viewer, id string, p query.Page, c query.Consistency) (Links, error) {
	if err := p.Check(); err != nil {
		return Links{}, err
	}
	found, _, reflected, err := q.credentials(ctx, viewer, owner{id: id, consistency: c}, wanted{[]int16{kindLink}, ready()})
	if err != nil {
		return Links{}, err
	}
	if !p.Ascending {
		slices.Reverse(found)
	}
	answer := Links{Total: uint64(len(found)), Reflected: reflected}
	from := min(p.Offset, answer.Total)
	for _, f := range found[from:min(from+uint64(p.Applied()), answer.Total)] {
		answer.Links = append(answer.Links, Link{ProviderID: f.providerID, ExternalID: f.external, Username: f.name})
	}
	return answer, nil
}
