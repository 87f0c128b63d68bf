package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// LockUser shuts an active user out until it is unlocked.
func (s *Service) LockUser(ctx context.Context, r *userv2.LockUserRequest) (*userv2.LockUserResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Lock(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.LockUserResponse{Details: object.Written(ctx, receipt)}, nil
}
