package authenticationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// Logout ends the caller's session.
func (s *Service) Logout(ctx context.Context, _ *authenticationv1.LogoutRequest) (*authenticationv1.LogoutResponse, error) {
	ctx, caller := call.Command(ctx)
	if err := s.sessions.Logout(ctx, caller); err != nil {
		return nil, err
	}
	return &authenticationv1.LogoutResponse{}, nil
}
