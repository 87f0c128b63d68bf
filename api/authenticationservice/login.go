package authenticationservice

import (
	"context"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	"github.com/signet-iam/signet/command/signin"
)

// Login signs a user or a service account in.
func (s *Service) Login(ctx context.Context, r *authenticationv1.LoginRequest) (*authenticationv1.LoginResponse, error) {
	in, err := s.login(origin(ctx), r)
	if err != nil {
		return nil, err
	}
	return &authenticationv1.LoginResponse{Token: token(&in), UserId: in.User.ID, UserInfo: userInfo(&in.User)}, nil
}

func (s *Service) login(ctx context.Context, r *authenticationv1.LoginRequest) (signin.SignedIn, error) {
	if c := r.GetClientCredentials(); c != nil {
		return s.signin.LoginClient(ctx, signin.Client{ID: c.GetClientId(), Secret: c.GetClientSecret()})
	}
	return s.signin.Login(ctx, credentials(r.GetUserPassword()), false)
}
