package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/project"
)

// UpdateProject changes a project.
func (s *Service) UpdateProject(ctx context.Context, r *projectv2.UpdateProjectRequest) (*projectv2.UpdateProjectResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Update(ctx, caller, commands.Update{
		ID: r.GetProjectId(), Name: r.Name, RoleAssertion: r.ProjectRoleAssertion,
		AuthorizationRequired: r.AuthorizationRequired, AccessRequired: r.ProjectAccessRequired,
		Labeling: newLabeling(r.PrivateLabelingSetting),
	})
	if err != nil {
		return nil, err
	}
	return &projectv2.UpdateProjectResponse{ChangeDate: object.When(ctx, receipt)}, nil
}
