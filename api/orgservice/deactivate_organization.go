package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// DeactivateOrganization shuts everybody of an organization out.
func (s *Service) DeactivateOrganization(
	ctx context.Context, r *orgv2.DeactivateOrganizationRequest,
) (*orgv2.DeactivateOrganizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Deactivate(ctx, caller, r.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	return &orgv2.DeactivateOrganizationResponse{ChangeDate: written(ctx, receipt)}, nil
}
