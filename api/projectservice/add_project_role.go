package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/project"
)

// AddProjectRole adds a role to a project.
func (s *Service) AddProjectRole(ctx context.Context, r *projectv2.AddProjectRoleRequest) (*projectv2.AddProjectRoleResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.AddRole(ctx, caller, commands.AddRole{
		ProjectID: r.GetProjectId(), Key: r.GetRoleKey(), DisplayName: r.GetDisplayName(), Group: r.GetGroup(),
	})
	if err != nil {
		return nil, err
	}
	return &projectv2.AddProjectRoleResponse{CreationDate: object.When(ctx, receipt)}, nil
}
