package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/api/webauthnjson"
	commands "github.com/signet-iam/signet/command/user"
)

// RegisterU2F begins the registration of a security key as second factor.
func (s *Service) RegisterU2F(ctx context.Context, r *userv2.RegisterU2FRequest) (*userv2.RegisterU2FResponse, error) {
	ctx, caller := call.Command(ctx)
	begun, err := s.commands.RegisterU2F(ctx, caller, commands.RegisterU2F{UserID: r.GetUserId(), Domain: r.GetDomain()})
	if err != nil {
		return nil, err
	}
	options, err := webauthnjson.Options(begun.Options)
	if err != nil {
		return nil, err
	}
	return &userv2.RegisterU2FResponse{
		Details: object.Written(ctx, begun.Receipt), U2FId: begun.ID, PublicKeyCredentialCreationOptions: options,
	}, nil
}
