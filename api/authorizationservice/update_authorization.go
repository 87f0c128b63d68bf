package authorizationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
	commands "github.com/signet-iam/signet/command/authorization"
)

// UpdateAuthorization replaces the roles of an authorization.
func (s *Service) UpdateAuthorization(
	ctx context.Context, r *authorizationv2.UpdateAuthorizationRequest,
) (*authorizationv2.UpdateAuthorizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Update(ctx, caller, commands.Update{ID: r.GetId(), Roles: r.GetRoleKeys()})
	if err != nil {
		return nil, err
	}
	return &authorizationv2.UpdateAuthorizationResponse{ChangeDate: written(ctx, receipt)}, nil
}
