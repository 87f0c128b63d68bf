package authorizationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
	commands "github.com/signet-iam/signet/command/authorization"
)

// CreateAuthorization gives a user roles of a project.
func (s *Service) CreateAuthorization(
	ctx context.Context, r *authorizationv2.CreateAuthorizationRequest,
) (*authorizationv2.CreateAuthorizationResponse, error) {
	ctx, caller := call.Command(ctx)
	created, err := s.commands.Create(ctx, caller, commands.Create{
		UserID: r.GetUserId(), Project: r.GetProjectId(), Organization: r.GetOrganizationId(), Roles: r.GetRoleKeys(),
	})
	if err != nil {
		return nil, err
	}
	return &authorizationv2.CreateAuthorizationResponse{Id: created.ID, CreationDate: written(ctx, created.Receipt)}, nil
}
