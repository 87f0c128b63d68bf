package idpservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
)

// GetProvider returns a provider.
func (s *Service) GetProvider(ctx context.Context, r *idpv1.GetProviderRequest) (*idpv1.GetProviderResponse, error) {
	c := call.From(ctx)
	found, err := s.queries.Get(ctx, c.Caller, r.GetProviderId(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	return &idpv1.GetProviderResponse{Provider: message(&found)}, nil
}
