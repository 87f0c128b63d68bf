package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// AddMyAuthFactorOTPSMS lets the caller sign in with codes sent by SMS.
func (s *Service) AddMyAuthFactorOTPSMS(
	ctx context.Context, _ *authv1.AddMyAuthFactorOTPSMSRequest,
) (*authv1.AddMyAuthFactorOTPSMSResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.AddOTPSMS(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.AddMyAuthFactorOTPSMSResponse{Details: added(ctx, receipt)}, nil
}
