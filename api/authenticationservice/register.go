package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// Register adds a user and signs it in.
func (s *Service) Register(ctx context.Context, r *authenticationv1.RegisterRequest) (*authenticationv1.RegisterResponse, error) {
	in, err := s.signin.Register(origin(ctx), credentials(r.GetUserPassword()), false)
	if err != nil {
		return nil, err
	}
	return &authenticationv1.RegisterResponse{Token: token(&in), UserId: in.User.ID, UserInfo: userInfo(&in.User)}, nil
}
