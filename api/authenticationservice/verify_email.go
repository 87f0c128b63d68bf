package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// VerifyEmail verifies an email address.
func (s *Service) VerifyEmail(ctx context.Context, r *authenticationv1.VerifyEmailRequest) (*authenticationv1.VerifyEmailResponse, error) {
	if err := s.signin.VerifyEmail(origin(ctx), r.GetEmail(), r.GetCode(), r.GetToken()); err != nil {
		return nil, err
	}
	return &authenticationv1.VerifyEmailResponse{}, nil
}
