package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyPhone proves the phone number by a code.
func (s *Service) VerifyPhone(ctx context.Context, r *userv2.VerifyPhoneRequest) (*userv2.VerifyPhoneResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.VerifyPhone(ctx, caller, commands.VerifyCode{UserID: r.GetUserId(), Code: r.GetVerificationCode()})
	if err != nil {
		return nil, err
	}
	return &userv2.VerifyPhoneResponse{Details: object.Written(ctx, receipt)}, nil
}
