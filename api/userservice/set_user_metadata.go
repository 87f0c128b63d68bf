package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// SetUserMetadata keeps values with a user.
func (s *Service) SetUserMetadata(ctx context.Context, r *userv2.SetUserMetadataRequest) (*userv2.SetUserMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.SetMetadata(ctx, caller, commands.SetMetadata{
		UserID:  r.GetUserId(),
		Entries: metadata(r.GetMetadata()),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.SetUserMetadataResponse{SetDate: object.Written(ctx, receipt).GetChangeDate()}, nil
}
