package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// ActivateOrganization lets the people of an inactive organization in again.
func (s *Service) ActivateOrganization(
	ctx context.Context, r *orgv2.ActivateOrganizationRequest,
) (*orgv2.ActivateOrganizationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Activate(ctx, caller, r.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	return &orgv2.ActivateOrganizationResponse{ChangeDate: written(ctx, receipt)}, nil
}
