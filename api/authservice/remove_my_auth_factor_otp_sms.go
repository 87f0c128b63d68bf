package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// RemoveMyAuthFactorOTPSMS ends codes by SMS.
func (s *Service) RemoveMyAuthFactorOTPSMS(
	ctx context.Context, _ *authv1.RemoveMyAuthFactorOTPSMSRequest,
) (*authv1.RemoveMyAuthFactorOTPSMSResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemoveOTPSMS(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyAuthFactorOTPSMSResponse{Details: changed(ctx, receipt)}, nil
}
