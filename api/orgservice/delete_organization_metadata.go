package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// DeleteOrganizationMetadata forgets values that are kept with an organization.
func (s *Service) DeleteOrganizationMetadata(
	ctx context.Context, r *orgv2.DeleteOrganizationMetadataRequest,
) (*orgv2.DeleteOrganizationMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveMetadata(ctx, caller, r.GetOrganizationId(), r.GetKeys())
	if err != nil {
		return nil, err
	}
	return &orgv2.DeleteOrganizationMetadataResponse{DeletionDate: written(ctx, receipt)}, nil
}
