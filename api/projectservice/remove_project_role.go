package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
)

// RemoveProjectRole ends a role.
func (s *Service) RemoveProjectRole(
	ctx context.Context, r *projectv2.RemoveProjectRoleRequest,
) (*projectv2.RemoveProjectRoleResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveRole(ctx, caller, r.GetProjectId(), r.GetRoleKey())
	if err != nil {
		return nil, err
	}
	return &projectv2.RemoveProjectRoleResponse{RemovalDate: object.When(ctx, receipt)}, nil
}
