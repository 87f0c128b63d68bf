package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/project"
)

// CreateProjectGrant grants a project to an organization.
func (s *Service) CreateProjectGrant(
	ctx context.Context, r *projectv2.CreateProjectGrantRequest,
) (*projectv2.CreateProjectGrantResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.AddGrant(ctx, caller, commands.AddGrant{
		ProjectID: r.GetProjectId(), Organization: r.GetGrantedOrganizationId(), Roles: r.GetRoleKeys(),
	})
	if err != nil {
		return nil, err
	}
	return &projectv2.CreateProjectGrantResponse{CreationDate: object.When(ctx, receipt)}, nil
}
