package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/project"
)

// UpdateProjectGrant replaces the roles of a grant.
func (s *Service) UpdateProjectGrant(
	ctx context.Context, r *projectv2.UpdateProjectGrantRequest,
) (*projectv2.UpdateProjectGrantResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.UpdateGrant(ctx, caller, commands.UpdateGrant{
		ProjectID: r.GetProjectId(), Organization: r.GetGrantedOrganizationId(), Roles: r.GetRoleKeys(),
	})
	if err != nil {
		return nil, err
	}
	return &projectv2.UpdateProjectGrantResponse{ChangeDate: object.When(ctx, receipt)}, nil
}
