package idpservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	"github.com/signet-iam/signet/api/object"
)

// RemoveProvider removes a provider.
func (s *Service) RemoveProvider(ctx context.Context, r *idpv1.RemoveProviderRequest) (*idpv1.RemoveProviderResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Remove(ctx, caller, r.GetProviderId())
	if err != nil {
		return nil, err
	}
	return &idpv1.RemoveProviderResponse{Details: object.Written(ctx, receipt)}, nil
}
