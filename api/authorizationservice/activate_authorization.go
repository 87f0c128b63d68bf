package authorizationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
)

// ActivateAuthorization makes an authorization count again.
func (s *Service) ActivateAuthorization(
	ctx context.Context, r *authorizationv2.ActivateAuthorizationRequest,
) (*authorizationv2.ActivateAuthorizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Activate(ctx, caller, r.GetId())
	if err != nil {
		return nil, err
	}
	return &authorizationv2.ActivateAuthorizationResponse{ChangeDate: written(ctx, receipt)}, nil
}
