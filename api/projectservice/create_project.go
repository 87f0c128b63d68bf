package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/project"
)

// CreateProject makes a project of an organization.
func (s *Service) CreateProject(ctx context.Context, r *projectv2.CreateProjectRequest) (*projectv2.CreateProjectResponse, error) {
	ctx, caller := call.Command(ctx)
	created, err := s.commands.Create(ctx, caller, commands.Create{
		ID: r.GetProjectId(), Organization: r.GetOrganizationId(), Name: r.GetName(), RoleAssertion: r.GetProjectRoleAssertion(),
		AuthorizationRequired: r.GetAuthorizationRequired(), AccessRequired: r.GetProjectAccessRequired(),
		Labeling: labeling(r.GetPrivateLabelingSetting()),
	})
	if err != nil {
		return nil, err
	}
	return &projectv2.CreateProjectResponse{ProjectId: created.ID, CreationDate: object.When(ctx, created.Receipt)}, nil
}
