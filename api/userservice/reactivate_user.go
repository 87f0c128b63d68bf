package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// ReactivateUser lets a deactivated user in again.
func (s *Service) ReactivateUser(ctx context.Context, r *userv2.ReactivateUserRequest) (*userv2.ReactivateUserResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Reactivate(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.ReactivateUserResponse{Details: object.Written(ctx, receipt)}, nil
}
