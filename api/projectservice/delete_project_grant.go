package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
)

// DeleteProjectGrant ends a grant.
func (s *Service) DeleteProjectGrant(
	ctx context.Context, r *projectv2.DeleteProjectGrantRequest,
) (*projectv2.DeleteProjectGrantResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveGrant(ctx, caller, r.GetProjectId(), r.GetGrantedOrganizationId())
	if err != nil {
		return nil, err
	}
	return &projectv2.DeleteProjectGrantResponse{DeletionDate: object.When(ctx, receipt)}, nil
}
