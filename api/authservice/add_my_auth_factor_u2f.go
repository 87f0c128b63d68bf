package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// AddMyAuthFactorU2F begins the registration of a security key as second factor.
func (s *Service) AddMyAuthFactorU2F(
	ctx context.Context, _ *authv1.AddMyAuthFactorU2FRequest,
) (*authv1.AddMyAuthFactorU2FResponse, error) {
	ctx, caller := call.Command(ctx)
	begun, err := s.users.RegisterU2F(ctx, caller, commands.RegisterU2F{UserID: caller.SubjectID()})
	if err != nil {
		return nil, err
	}
	return &authv1.AddMyAuthFactorU2FResponse{
		Details: added(ctx, begun.Receipt), Key: &authv1.WebAuthNKey{PublicKey: begun.Options},
	}, nil
}
