package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// AddMyPasswordless begins the registration of a passkey.
func (s *Service) AddMyPasswordless(
	ctx context.Context, _ *authv1.AddMyPasswordlessRequest,
) (*authv1.AddMyPasswordlessResponse, error) {
	ctx, caller := call.Command(ctx)
	begun, err := s.users.RegisterPasskey(ctx, caller, commands.RegisterPasskey{UserID: caller.SubjectID()})
	if err != nil {
		return nil, err
	}
	return &authv1.AddMyPasswordlessResponse{
		Details: added(ctx, begun.Receipt), Key: &authv1.WebAuthNKey{PublicKey: begun.Options},
	}, nil
}
