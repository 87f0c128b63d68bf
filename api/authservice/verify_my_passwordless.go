package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// VerifyMyPasswordless ends the registration that the authenticator's answer is to.
func (s *Service) VerifyMyPasswordless(
	ctx context.Context, r *authv1.VerifyMyPasswordlessRequest,
) (*authv1.VerifyMyPasswordlessResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.VerifyPasskey(ctx, caller, registered(caller, r.GetVerification()))
	if err != nil {
		return nil, err
	}
	return &authv1.VerifyMyPasswordlessResponse{Details: changed(ctx, receipt)}, nil
}
