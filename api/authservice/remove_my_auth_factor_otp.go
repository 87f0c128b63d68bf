package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// RemoveMyAuthFactorOTP removes the authenticator app.
func (s *Service) RemoveMyAuthFactorOTP(
	ctx context.Context, _ *authv1.RemoveMyAuthFactorOTPRequest,
) (*authv1.RemoveMyAuthFactorOTPResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemoveTOTP(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyAuthFactorOTPResponse{Details: changed(ctx, receipt)}, nil
}
