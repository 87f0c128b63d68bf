package authenticationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// Get returns the caller.
func (s *Service) Get(ctx context.Context, _ *authenticationv1.GetRequest) (*authenticationv1.GetResponse, error) {
	ctx, caller := call.Command(ctx)
	me, err := s.signin.Me(ctx, caller)
	if err != nil {
		return nil, err
	}
	return &authenticationv1.GetResponse{UserId: me.ID, UserInfo: userInfo(&me)}, nil
}
