package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// AddPersonalAccessToken gives a machine a bearer token.
func (s *Service) AddPersonalAccessToken(
	ctx context.Context, r *userv2.AddPersonalAccessTokenRequest,
) (*userv2.AddPersonalAccessTokenResponse, error) {
	ctx, caller := call.Command(ctx)
	added, err := s.commands.IssueToken(ctx, caller, commands.IssueToken{
		UserID:   r.GetUserId(),
		NewToken: commands.NewToken{ExpiresAt: r.GetExpirationDate().AsTime()},
	})
	if err != nil {
		return nil, err
	}
	return &userv2.AddPersonalAccessTokenResponse{
		CreationDate: object.Written(ctx, added.Receipt).GetChangeDate(),
		TokenId:      added.ID,
		Token:        added.Token,
	}, nil
}
