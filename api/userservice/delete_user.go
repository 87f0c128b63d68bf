package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// DeleteUser ends a user.
func (s *Service) DeleteUser(ctx context.Context, r *userv2.DeleteUserRequest) (*userv2.DeleteUserResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Delete(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.DeleteUserResponse{Details: object.Written(ctx, receipt)}, nil
}
