package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyMyEmail proves the address by the code that was sent there.
func (s *Service) VerifyMyEmail(ctx context.Context, r *authv1.VerifyMyEmailRequest) (*authv1.VerifyMyEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.VerifyEmail(ctx, caller, commands.VerifyCode{UserID: caller.SubjectID(), Code: r.GetCode(), TellPending: true})
	if err != nil {
		return nil, err
	}
	return &authv1.VerifyMyEmailResponse{Details: changed(ctx, receipt)}, nil
}
