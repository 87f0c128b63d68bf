package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveMyLinkedIDP ends the link with an account at an identity provider.
func (s *Service) RemoveMyLinkedIDP(
	ctx context.Context, r *authv1.RemoveMyLinkedIDPRequest,
) (*authv1.RemoveMyLinkedIDPResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.UnlinkProvider(ctx, caller, commands.UnlinkProvider{
		UserID: caller.SubjectID(), ProviderID: r.GetIdpId(), ExternalID: r.GetLinkedUserId(),
	})
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyLinkedIDPResponse{Details: changed(ctx, receipt)}, nil
}
