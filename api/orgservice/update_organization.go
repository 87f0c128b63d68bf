package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// UpdateOrganization renames an organization.
func (s *Service) UpdateOrganization(
	ctx context.Context, r *orgv2.UpdateOrganizationRequest,
) (*orgv2.UpdateOrganizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Rename(ctx, caller, r.GetOrganizationId(), r.GetName())
	if err != nil {
		return nil, err
	}
	return &orgv2.UpdateOrganizationResponse{ChangeDate: written(ctx, receipt)}, nil
}
