package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
)

// ActivateProjectGrant brings a grant back into use.
func (s *Service) ActivateProjectGrant(
	ctx context.Context, r *projectv2.ActivateProjectGrantRequest,
) (*projectv2.ActivateProjectGrantResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.ActivateGrant(ctx, caller, r.GetProjectId(), r.GetGrantedOrganizationId())
	if err != nil {
		return nil, err
	}
	return &projectv2.ActivateProjectGrantResponse{ChangeDate: object.When(ctx, receipt)}, nil
}
