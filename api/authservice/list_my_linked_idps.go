package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
)

// ListMyLinkedIDPs returns the accounts at identity providers with which the caller signs in.
func (s *Service) ListMyLinkedIDPs(
	ctx context.Context, r *authv1.ListMyLinkedIDPsRequest,
) (*authv1.ListMyLinkedIDPsResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.LinkedProviders(ctx, c.Caller, c.Caller.SubjectID(), object.Page(r.GetQuery()), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	answer := &authv1.ListMyLinkedIDPsResponse{Details: listed(found.Total, found.Reflected)}
	for _, l := range found.Links {
		link := &authv1.IDPUserLink{
			UserId: c.Caller.SubjectID(), IdpId: l.ProviderID, IdpName: l.Name, ProvidedUserId: l.ExternalID, ProvidedUserName: l.Username,
		}
		if l.OIDC {
			link.IdpType = authv1.IDPType_IDP_TYPE_OIDC
		}
		answer.Result = append(answer.Result, link)
	}
	return answer, nil
}
