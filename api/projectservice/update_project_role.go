package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/project"
)

// UpdateProjectRole changes how a role is shown.
func (s *Service) UpdateProjectRole(
	ctx context.Context, r *projectv2.UpdateProjectRoleRequest,
) (*projectv2.UpdateProjectRoleResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.UpdateRole(ctx, caller, commands.UpdateRole{
		ProjectID: r.GetProjectId(), Key: r.GetRoleKey(), DisplayName: r.DisplayName, Group: r.Group,
	})
	if err != nil {
		return nil, err
	}
	return &projectv2.UpdateProjectRoleResponse{ChangeDate: object.When(ctx, receipt)}, nil
}
