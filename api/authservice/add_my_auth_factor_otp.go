package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// AddMyAuthFactorOTP makes a secret for an authenticator app.
func (s *Service) AddMyAuthFactorOTP(
	ctx context.Context, _ *authv1.AddMyAuthFactorOTPRequest,
) (*authv1.AddMyAuthFactorOTPResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.users.RegisterTOTP(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.AddMyAuthFactorOTPResponse{Details: added(ctx, done.Receipt), Url: done.URI, Secret: done.Secret}, nil
}
