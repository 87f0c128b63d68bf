package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveIDPLink removes a user's link with an account at an identity provider.
func (s *Service) RemoveIDPLink(ctx context.Context, r *userv2.RemoveIDPLinkRequest) (*userv2.RemoveIDPLinkResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.UnlinkProvider(ctx, caller, commands.UnlinkProvider{
		UserID: r.GetUserId(), ProviderID: r.GetIdpId(), ExternalID: r.GetLinkedUserId(),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveIDPLinkResponse{Details: object.Written(ctx, receipt)}, nil
}
