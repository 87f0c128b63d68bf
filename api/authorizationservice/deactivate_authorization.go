package authorizationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
)

// DeactivateAuthorization makes an authorization count for nothing until it is activated.
func (s *Service) DeactivateAuthorization(
	ctx context.Context, r *authorizationv2.DeactivateAuthorizationRequest,
) (*authorizationv2.DeactivateAuthorizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Deactivate(ctx, caller, r.GetId())
	if err != nil {
		return nil, err
	}
	return &authorizationv2.DeactivateAuthorizationResponse{ChangeDate: written(ctx, receipt)}, nil
}
