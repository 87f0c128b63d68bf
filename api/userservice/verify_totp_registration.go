package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyTOTPRegistration makes an authenticator app usable by a code that it shows.
func (s *Service) VerifyTOTPRegistration(
	ctx context.Context, r *userv2.VerifyTOTPRegistrationRequest,
) (*userv2.VerifyTOTPRegistrationResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.VerifyTOTP(ctx, caller, commands.TOTPCode{UserID: r.GetUserId(), Code: r.GetCode()})
	if err != nil {
		return nil, err
	}
	return &userv2.VerifyTOTPRegistrationResponse{Details: object.Written(ctx, receipt)}, nil
}
