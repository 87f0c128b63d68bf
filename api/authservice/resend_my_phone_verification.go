package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// ResendMyPhoneVerification sends a new code to a number that is not proven yet.
func (s *Service) ResendMyPhoneVerification(
	ctx context.Context, _ *authv1.ResendMyPhoneVerificationRequest,
) (*authv1.ResendMyPhoneVerificationResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.users.SendPhoneCode(ctx, caller, commands.RequestCode{UserID: caller.SubjectID(), Unproven: true})
	if err != nil {
		return nil, err
	}
	return &authv1.ResendMyPhoneVerificationResponse{Details: changed(ctx, done.Receipt)}, nil
}
