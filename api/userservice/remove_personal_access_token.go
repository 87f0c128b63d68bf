package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// RemovePersonalAccessToken ends a bearer token.
func (s *Service) RemovePersonalAccessToken(
	ctx context.Context, r *userv2.RemovePersonalAccessTokenRequest,
) (*userv2.RemovePersonalAccessTokenResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RevokeToken(ctx, caller, commands.RevokeToken{UserID: r.GetUserId(), TokenID: r.GetTokenId()})
	if err != nil {
		return nil, err
	}
	return &userv2.RemovePersonalAccessTokenResponse{DeletionDate: object.Written(ctx, receipt).GetChangeDate()}, nil
}
