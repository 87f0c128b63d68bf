package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// RefreshToken exchanges a refresh token for a new pair of tokens.
func (s *Service) RefreshToken(ctx context.Context, r *authenticationv1.RefreshTokenRequest) (*authenticationv1.RefreshTokenResponse, error) {
	in, err := s.signin.Refresh(origin(ctx), r.GetRefreshToken())
	if err != nil {
		return nil, err
	}
	return &authenticationv1.RefreshTokenResponse{Token: token(&in)}, nil
}
