package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// AddIDPLink links a user with an account at an identity provider.
func (s *Service) AddIDPLink(ctx context.Context, r *userv2.AddIDPLinkRequest) (*userv2.AddIDPLinkResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.LinkProvider(ctx, caller, commands.LinkProvider{
		UserID: r.GetUserId(),
		Link: commands.ProviderLink{
			ProviderID: r.GetIdpLink().GetIdpId(), UserID: r.GetIdpLink().GetUserId(), Username: r.GetIdpLink().GetUserName(),
		},
	})
	if err != nil {
		return nil, err
	}
	return &userv2.AddIDPLinkResponse{Details: object.Written(ctx, receipt)}, nil
}
