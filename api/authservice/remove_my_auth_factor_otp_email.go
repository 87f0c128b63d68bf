package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// RemoveMyAuthFactorOTPEmail ends codes by email.
func (s *Service) RemoveMyAuthFactorOTPEmail(
	ctx context.Context, _ *authv1.RemoveMyAuthFactorOTPEmailRequest,
) (*authv1.RemoveMyAuthFactorOTPEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemoveOTPEmail(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyAuthFactorOTPEmailResponse{Details: changed(ctx, receipt)}, nil
}
