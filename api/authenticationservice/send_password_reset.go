package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// SendPasswordReset sends a code to set a new password with.
func (s *Service) SendPasswordReset(ctx context.Context, r *authenticationv1.SendPasswordResetRequest) (*authenticationv1.SendPasswordResetResponse, error) {
	ticket, err := s.signin.RequestPasswordReset(origin(ctx), identifier(r.GetIdentifier()))
	if err != nil {
		return nil, err
	}
	return &authenticationv1.SendPasswordResetResponse{Token: ticket}, nil
}
