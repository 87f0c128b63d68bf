package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
)

// AddOrganizationDomain says that a domain is an organization's own.
func (s *Service) AddOrganizationDomain(
	ctx context.Context, r *orgv2.AddOrganizationDomainRequest,
) (*orgv2.AddOrganizationDomainResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.AddDomain(ctx, caller, r.GetOrganizationId(), r.GetDomain())
	if err != nil {
		return nil, err
	}
	return &orgv2.AddOrganizationDomainResponse{CreationDate: written(ctx, receipt)}, nil
}
