package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	"github.com/signet-iam/signet/command/signin"
)

// ResetPassword sets a new password by a code.
func (s *Service) ResetPassword(ctx context.Context, r *authenticationv1.ResetPasswordRequest) (*authenticationv1.ResetPasswordResponse, error) {
	err := s.signin.ResetPassword(origin(ctx), signin.ResetPassword{
		Identifier: identifier(r.GetIdentifier()), Code: r.GetCode(), Ticket: r.GetToken(), NewPassword: r.GetNewPassword(),
	})
	if err != nil {
		return nil, err
	}
	return &authenticationv1.ResetPasswordResponse{}, nil
}
