package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// GetMyProfile returns what the caller is called.
func (s *Service) GetMyProfile(ctx context.Context, _ *authv1.GetMyProfileRequest) (*authv1.GetMyProfileResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.Person(ctx, c.Caller, c.Caller.SubjectID(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	profile := &authv1.Profile{}
	fillProfile(profile, &found, s.avatars)
	return &authv1.GetMyProfileResponse{Details: shown(&found), Profile: profile}, nil
}
