package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// DeactivateUser shuts a user out until it is reactivated.
func (s *Service) DeactivateUser(ctx context.Context, r *userv2.DeactivateUserRequest) (*userv2.DeactivateUserResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Deactivate(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.DeactivateUserResponse{Details: object.Written(ctx, receipt)}, nil
}
