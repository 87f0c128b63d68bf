package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// GetUserByID returns one user.
func (s *Service) GetUserByID(ctx context.Context, r *userv2.GetUserByIDRequest) (*userv2.GetUserByIDResponse, error) {
	c := call.From(ctx)
	found, err := s.queries.Get(ctx, c.Caller, r.GetUserId(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	u := new(user).fill(&found, s.avatars)
	return &userv2.GetUserByIDResponse{Details: u.GetDetails(), User: u}, nil
}
