package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// SetEmail replaces a user's email address.
func (s *Service) SetEmail(ctx context.Context, r *userv2.SetEmailRequest) (*userv2.SetEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.commands.SetEmail(ctx, caller, commands.SetEmail{
		UserID: r.GetUserId(), Email: r.GetEmail(), Verification: emailVerification(r),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.SetEmailResponse{Details: object.Written(ctx, done.Receipt), VerificationCode: returned(done.Code)}, nil
}
