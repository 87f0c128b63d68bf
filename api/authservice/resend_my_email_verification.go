package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// ResendMyEmailVerification sends a new code to an address that is not proven yet.
func (s *Service) ResendMyEmailVerification(
	ctx context.Context, _ *authv1.ResendMyEmailVerificationRequest,
) (*authv1.ResendMyEmailVerificationResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.users.SendEmailCode(ctx, caller, commands.RequestCode{UserID: caller.SubjectID(), Unproven: true})
	if err != nil {
		return nil, err
	}
	return &authv1.ResendMyEmailVerificationResponse{Details: changed(ctx, done.Receipt)}, nil
}
