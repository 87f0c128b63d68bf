package idpservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
)

// TestProvider tries a provider out.
func (s *Service) TestProvider(ctx context.Context, r *idpv1.TestProviderRequest) (*idpv1.TestProviderResponse, error) {
	ctx, caller := call.Command(ctx)
	if err := s.commands.Test(ctx, caller, r.GetProviderId()); err != nil {
		return nil, err
	}
	return &idpv1.TestProviderResponse{}, nil
}
