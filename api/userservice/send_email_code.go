package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// SendEmailCode makes a new code for the email address.
func (s *Service) SendEmailCode(ctx context.Context, r *userv2.SendEmailCodeRequest) (*userv2.SendEmailCodeResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.commands.SendEmailCode(ctx, caller, commands.RequestCode{UserID: r.GetUserId(), Verification: emailVerification(r)})
	if err != nil {
		return nil, err
	}
	return &userv2.SendEmailCodeResponse{Details: object.Written(ctx, done.Receipt), VerificationCode: returned(done.Code)}, nil
}
