package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyMyAuthFactorOTP makes an authenticator app usable by a code that it shows.
func (s *Service) VerifyMyAuthFactorOTP(
	ctx context.Context, r *authv1.VerifyMyAuthFactorOTPRequest,
) (*authv1.VerifyMyAuthFactorOTPResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.VerifyTOTP(ctx, caller, commands.TOTPCode{UserID: caller.SubjectID(), Code: r.GetCode()})
	if err != nil {
		return nil, err
	}
	return &authv1.VerifyMyAuthFactorOTPResponse{Details: changed(ctx, receipt)}, nil
}
