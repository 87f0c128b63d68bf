package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// DeleteOrganization ends an organization with all it has.
func (s *Service) DeleteOrganization(
	ctx context.Context, r *orgv2.DeleteOrganizationRequest,
) (*orgv2.DeleteOrganizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Remove(ctx, caller, r.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	return &orgv2.DeleteOrganizationResponse{DeletionDate: written(ctx, receipt)}, nil
}
