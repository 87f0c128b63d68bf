package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// GetMyEmail returns the address of the caller.
func (s *Service) GetMyEmail(ctx context.Context, _ *authv1.GetMyEmailRequest) (*authv1.GetMyEmailResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.Person(ctx, c.Caller, c.Caller.SubjectID(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	return &authv1.GetMyEmailResponse{
		Details: shown(&found),
		Email:   &authv1.Email{Email: found.Human.Email, IsEmailVerified: found.Human.EmailVerified},
	}, nil
}
