package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// UnlockUser lets a locked user in again.
func (s *Service) UnlockUser(ctx context.Context, r *userv2.UnlockUserRequest) (*userv2.UnlockUserResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Unlock(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.UnlockUserResponse{Details: object.Written(ctx, receipt)}, nil
}
