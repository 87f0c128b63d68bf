package accountsservice

import (
	"context"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/signet-iam/signet/api/call"
)

// TokenAuthorization begins a session for who calls with a personal access token.
func (s *Service) TokenAuthorization(ctx context.Context, _ *emptypb.Empty) (*emptypb.Empty, error) {
	commands, caller := call.Command(ctx)
	in, err := s.signin.LoginToken(commands, caller)
	if err != nil {
		return nil, err
	}
	carry(ctx, &in)
	return &emptypb.Empty{}, nil
}
