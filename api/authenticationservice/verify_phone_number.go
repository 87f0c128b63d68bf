package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// VerifyPhoneNumber verifies a phone number.
func (s *Service) VerifyPhoneNumber(ctx context.Context, r *authenticationv1.VerifyPhoneNumberRequest) (*authenticationv1.VerifyPhoneNumberResponse, error) {
	if err := s.signin.VerifyPhone(origin(ctx), r.GetPhoneNumber(), r.GetCode()); err != nil {
		return nil, err
	}
	return &authenticationv1.VerifyPhoneNumberResponse{}, nil
}
