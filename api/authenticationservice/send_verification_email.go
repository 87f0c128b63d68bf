package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// SendVerificationEmail sends a code to verify an email address with.
func (s *Service) SendVerificationEmail(ctx context.Context, r *authenticationv1.SendVerificationEmailRequest) (*authenticationv1.SendVerificationEmailResponse, error) {
	ticket, err := s.signin.RequestVerification(origin(ctx), identifier(r.GetIdentifier()))
	if err != nil {
		return nil, err
	}
	return &authenticationv1.SendVerificationEmailResponse{Token: ticket}, nil
}
