package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// ResendEmailCode replaces the code that is pending for the email address.
func (s *Service) ResendEmailCode(ctx context.Context, r *userv2.ResendEmailCodeRequest) (*userv2.ResendEmailCodeResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.commands.ResendEmailCode(ctx, caller, commands.RequestCode{UserID: r.GetUserId(), Verification: emailVerification(r)})
	if err != nil {
		return nil, err
	}
	return &userv2.ResendEmailCodeResponse{Details: object.Written(ctx, done.Receipt), VerificationCode: returned(done.Code)}, nil
}
