package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// SetPhone replaces a user's phone number.
func (s *Service) SetPhone(ctx context.Context, r *userv2.SetPhoneRequest) (*userv2.SetPhoneResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.commands.SetPhone(ctx, caller, commands.SetPhone{
		UserID: r.GetUserId(), Phone: r.GetPhone(), Verification: phoneVerification(r),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.SetPhoneResponse{Details: object.Written(ctx, done.Receipt), VerificationCode: returned(done.Code)}, nil
}
