package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// GetMyUser returns the caller. What it never says is when the caller signed in last: that is a fact of sessions, and asking for it
// would cost as much as all the rest.
func (s *Service) GetMyUser(ctx context.Context, _ *authv1.GetMyUserRequest) (*authv1.GetMyUserResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.Get(ctx, c.Caller, c.Caller.SubjectID(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	return &authv1.GetMyUserResponse{User: new(user).fill(&found, s.avatars)}, nil
}
