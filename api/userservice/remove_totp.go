package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// RemoveTOTP takes a user's authenticator app away.
func (s *Service) RemoveTOTP(ctx context.Context, r *userv2.RemoveTOTPRequest) (*userv2.RemoveTOTPResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveTOTP(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveTOTPResponse{Details: object.Written(ctx, receipt)}, nil
}
