package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// RevokeMyRefreshToken ends a refresh token and the session that it belongs to, whose tokens are refused from the next request on.
func (s *Service) RevokeMyRefreshToken(
	ctx context.Context, r *authv1.RevokeMyRefreshTokenRequest,
) (*authv1.RevokeMyRefreshTokenResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.sessions.RevokeRefreshToken(ctx, caller, r.GetId())
	if err != nil {
		return nil, err
	}
	return &authv1.RevokeMyRefreshTokenResponse{Details: changed(ctx, receipt)}, nil
}
