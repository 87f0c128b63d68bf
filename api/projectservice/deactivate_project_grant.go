package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
)

// DeactivateProjectGrant takes a grant out of use.
func (s *Service) DeactivateProjectGrant(
	ctx context.Context, r *projectv2.DeactivateProjectGrantRequest,
) (*projectv2.DeactivateProjectGrantResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.DeactivateGrant(ctx, caller, r.GetProjectId(), r.GetGrantedOrganizationId())
	if err != nil {
		return nil, err
	}
	return &projectv2.DeactivateProjectGrantResponse{ChangeDate: object.When(ctx, receipt)}, nil
}
