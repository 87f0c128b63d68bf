package accountsservice

import (
	"context"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/signet-iam/signet/api/call"
	accountsv1 "github.com/signet-iam/signet/api/gen/signet/accounts/v1"
	"github.com/signet-iam/signet/command/signin"
)

// SignUp adds a user and signs it in.
func (s *Public) SignUp(ctx context.Context, r *accountsv1.SignUpRequest) (*emptypb.Empty, error) {
	commands, _ := call.Command(ctx)
	in, err := s.signin.Register(commands, signin.Credentials{
		Identifier: signin.Identifier{Email: r.GetEmail()}, Password: r.GetPassword(),
	}, true)
	if err != nil {
		return nil, err
	}
	carry(ctx, &in)
	return &emptypb.Empty{}, nil
}
