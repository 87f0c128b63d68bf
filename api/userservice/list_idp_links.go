package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// ListIDPLinks returns the accounts at identity providers with which a user signs in.
func (s *Service) ListIDPLinks(ctx context.Context, r *userv2.ListIDPLinksRequest) (*userv2.ListIDPLinksResponse, error) {
	c := call.From(ctx)
	page := object.Page(r.GetQuery())
	found, err := s.queries.Links(ctx, c.Caller, r.GetUserId(), page, c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	answer := &userv2.ListIDPLinksResponse{Details: object.Listed(found.Total, found.Reflected)}
	for _, l := range found.Links {
		answer.Result = append(answer.Result, &userv2.IDPLink{IdpId: l.ProviderID, UserId: l.ExternalID, UserName: l.Username})
	}
	return answer, nil
}
