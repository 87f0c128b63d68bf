package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// SendMyPasswordlessLink sends the caller a link with which a passkey can be registered.
func (s *Service) SendMyPasswordlessLink(
	ctx context.Context, _ *authv1.SendMyPasswordlessLinkRequest,
) (*authv1.SendMyPasswordlessLinkResponse, error) {
	ctx, caller := call.Command(ctx)
	made, err := s.users.RequestPasskeyCode(ctx, caller, commands.RequestCode{
		UserID: caller.SubjectID(), Verification: commands.Send{URLTemplate: s.passkeyTemplate()},
	})
	if err != nil {
		return nil, err
	}
	return &authv1.SendMyPasswordlessLinkResponse{Details: added(ctx, made.Receipt)}, nil
}
