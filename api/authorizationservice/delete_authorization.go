package authorizationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
)

// DeleteAuthorization ends an authorization.
func (s *Service) DeleteAuthorization(
	ctx context.Context, r *authorizationv2.DeleteAuthorizationRequest,
) (*authorizationv2.DeleteAuthorizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Remove(ctx, caller, r.GetId())
	if err != nil {
		return nil, err
	}
	return &authorizationv2.DeleteAuthorizationResponse{DeletionDate: written(ctx, receipt)}, nil
}
