package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// PasswordReset makes a code with which a new password can be set.
func (s *Service) PasswordReset(ctx context.Context, r *userv2.PasswordResetRequest) (*userv2.PasswordResetResponse, error) {
	ctx, caller := call.Command(ctx)
	request := commands.RequestPasswordReset{
		UserID:       r.GetUserId(),
		Verification: commands.Send{URLTemplate: r.GetSendLink().GetUrlTemplate()},
		SMS:          r.GetSendLink().GetNotificationType() == userv2.NotificationType_NOTIFICATION_TYPE_SMS,
	}
	if r.GetReturnCode() != nil {
		request.Verification = commands.Return{}
	}
	done, err := s.commands.RequestPasswordReset(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	return &userv2.PasswordResetResponse{Details: object.Written(ctx, done.Receipt), VerificationCode: returned(done.Code)}, nil
}
