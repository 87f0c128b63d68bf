package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// VerifyOrganizationDomain looks for the proof of a domain.
func (s *Service) VerifyOrganizationDomain(
	ctx context.Context, r *orgv2.VerifyOrganizationDomainRequest,
) (*orgv2.VerifyOrganizationDomainResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.VerifyDomain(ctx, caller, r.GetOrganizationId(), r.GetDomain())
	if err != nil {
		return nil, err
	}
	return &orgv2.VerifyOrganizationDomainResponse{ChangeDate: written(ctx, receipt)}, nil
}
