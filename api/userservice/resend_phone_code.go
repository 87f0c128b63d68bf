package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// ResendPhoneCode replaces the code that is pending for the phone number.
func (s *Service) ResendPhoneCode(ctx context.Context, r *userv2.ResendPhoneCodeRequest) (*userv2.ResendPhoneCodeResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.commands.ResendPhoneCode(ctx, caller, commands.RequestCode{UserID: r.GetUserId(), Verification: phoneVerification(r)})
	if err != nil {
		return nil, err
	}
	return &userv2.ResendPhoneCodeResponse{Details: object.Written(ctx, done.Receipt), VerificationCode: returned(done.Code)}, nil
}
