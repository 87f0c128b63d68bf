package accountsservice

import (
	"context"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/signet-iam/signet/api/call"
)

// RefreshSession answers with a new access token of the session.
func (s *Service) RefreshSession(ctx context.Context, _ *emptypb.Empty) (*emptypb.Empty, error) {
	commands, caller := call.Command(ctx)
	token, err := s.signin.Access(commands, caller)
	if err != nil {
		return nil, err
	}
	carryAccess(ctx, token)
	return &emptypb.Empty{}, nil
}
