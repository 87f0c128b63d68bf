package idpservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/provider"
)

// AddProvider adds a provider.
func (s *Service) AddProvider(ctx context.Context, r *idpv1.AddProviderRequest) (*idpv1.AddProviderResponse, error) {
	ctx, caller := call.Command(ctx)
	added, err := s.commands.Add(ctx, caller, commands.Add{
		Organization: r.GetOrganizationId(), Settings: settings(r.GetSettings()), Credentials: credentials(r.GetCredentials()),
	})
	if err != nil {
		return nil, err
	}
	return &idpv1.AddProviderResponse{
		ProviderId: added.ID, Details: object.Written(ctx, added.Receipt), CallbackUrl: added.CallbackURL,
	}, nil
}
