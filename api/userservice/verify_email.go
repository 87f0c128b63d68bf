package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyEmail proves the email address by a code.
func (s *Service) VerifyEmail(ctx context.Context, r *userv2.VerifyEmailRequest) (*userv2.VerifyEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.VerifyEmail(ctx, caller, commands.VerifyCode{UserID: r.GetUserId(), Code: r.GetVerificationCode()})
	if err != nil {
		return nil, err
	}
	return &userv2.VerifyEmailResponse{Details: object.Written(ctx, receipt)}, nil
}
