package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// VerifyMyAuthFactorU2F ends the registration that the authenticator's answer is to.
func (s *Service) VerifyMyAuthFactorU2F(
	ctx context.Context, r *authv1.VerifyMyAuthFactorU2FRequest,
) (*authv1.VerifyMyAuthFactorU2FResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.VerifyU2F(ctx, caller, registered(caller, r.GetVerification()))
	if err != nil {
		return nil, err
	}
	return &authv1.VerifyMyAuthFactorU2FResponse{Details: changed(ctx, receipt)}, nil
}
