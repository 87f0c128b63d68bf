package authservice

import (
	"context"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// AddMyPasswordlessLink returns a link with which the caller registers a passkey on another device. Whoever has it can, too.
func (s *Service) AddMyPasswordlessLink(
	ctx context.Context, _ *authv1.AddMyPasswordlessLinkRequest,
) (*authv1.AddMyPasswordlessLinkResponse, error) {
	ctx, caller := call.Command(ctx)
	made, err := s.users.RequestPasskeyCode(ctx, caller, commands.RequestCode{
		UserID: caller.SubjectID(), Verification: commands.Return{},
	})
	if err != nil {
		return nil, err
	}
	return &authv1.AddMyPasswordlessLinkResponse{
		Details:    added(ctx, made.Receipt),
		Link:       s.passkeyLink(caller.SubjectID(), &made),
		Expiration: durationpb.New(made.Life),
	}, nil
}
