package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// AddMyAuthFactorOTPEmail lets the caller sign in with codes sent by email.
func (s *Service) AddMyAuthFactorOTPEmail(
	ctx context.Context, _ *authv1.AddMyAuthFactorOTPEmailRequest,
) (*authv1.AddMyAuthFactorOTPEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.AddOTPEmail(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.AddMyAuthFactorOTPEmailResponse{Details: added(ctx, receipt)}, nil
}
