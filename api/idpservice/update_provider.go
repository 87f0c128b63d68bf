package idpservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/provider"
)

// UpdateProvider replaces a provider's settings.
func (s *Service) UpdateProvider(ctx context.Context, r *idpv1.UpdateProviderRequest) (*idpv1.UpdateProviderResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Update(ctx, caller, commands.Update{
		ID: r.GetProviderId(), Settings: settings(r.GetSettings()), Credentials: credentials(r.GetCredentials()),
	})
	if err != nil {
		return nil, err
	}
	return &idpv1.UpdateProviderResponse{Details: object.Written(ctx, receipt)}, nil
}
