package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// GetMyPhone returns the number of the caller, an empty one where there is none.
func (s *Service) GetMyPhone(ctx context.Context, _ *authv1.GetMyPhoneRequest) (*authv1.GetMyPhoneResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.Person(ctx, c.Caller, c.Caller.SubjectID(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	return &authv1.GetMyPhoneResponse{
		Details: shown(&found),
		Phone:   &authv1.Phone{Phone: found.Human.Phone, IsPhoneVerified: found.Human.PhoneVerified},
	}, nil
}
