package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/organization"
)

// GenerateOrganizationDomainValidation returns what has to be put where to verify a domain.
func (s *Service) GenerateOrganizationDomainValidation(
	ctx context.Context, r *orgv2.GenerateOrganizationDomainValidationRequest,
) (*orgv2.GenerateOrganizationDomainValidationResponse, error) {
	ctx, caller := call.Command(ctx)
	task, err := s.commands.RequestProof(ctx, caller, commands.ProofRequest{
		Organization: r.GetOrganizationId(), Domain: r.GetDomain(), Where: eventv1.DomainProof(r.GetType()),
	})
	if err != nil {
		return nil, err
	}
	object.Written(ctx, task.Receipt)
	return &orgv2.GenerateOrganizationDomainValidationResponse{Token: task.Token, Url: task.Place}, nil
}
