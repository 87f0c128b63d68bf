package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// DeleteUserMetadata removes values kept with a user.
func (s *Service) DeleteUserMetadata(
	ctx context.Context, r *userv2.DeleteUserMetadataRequest,
) (*userv2.DeleteUserMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveMetadata(ctx, caller, commands.RemoveMetadata{UserID: r.GetUserId(), Keys: r.GetKeys()})
	if err != nil {
		return nil, err
	}
	return &userv2.DeleteUserMetadataResponse{DeletionDate: object.Written(ctx, receipt).GetChangeDate()}, nil
}
