package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// DeleteOrganizationDomain forgets a domain.
func (s *Service) DeleteOrganizationDomain(
	ctx context.Context, r *orgv2.DeleteOrganizationDomainRequest,
) (*orgv2.DeleteOrganizationDomainResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveDomain(ctx, caller, r.GetOrganizationId(), r.GetDomain())
	if err != nil {
		return nil, err
	}
	return &orgv2.DeleteOrganizationDomainResponse{DeletionDate: written(ctx, receipt)}, nil
}
