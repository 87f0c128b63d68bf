package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyMyPhone proves the number by the code that was sent there.
func (s *Service) VerifyMyPhone(ctx context.Context, r *authv1.VerifyMyPhoneRequest) (*authv1.VerifyMyPhoneResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.VerifyPhone(ctx, caller, commands.VerifyCode{UserID: caller.SubjectID(), Code: r.GetCode(), TellPending: true})
	if err != nil {
		return nil, err
	}
	return &authv1.VerifyMyPhoneResponse{Details: changed(ctx, receipt)}, nil
}
