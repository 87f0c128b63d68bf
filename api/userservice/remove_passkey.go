package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// RemovePasskey removes a passkey.
func (s *Service) RemovePasskey(ctx context.Context, r *userv2.RemovePasskeyRequest) (*userv2.RemovePasskeyResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemovePasskey(ctx, caller, commands.RemoveCredential{UserID: r.GetUserId(), ID: r.GetPasskeyId()})
	if err != nil {
		return nil, err
	}
	return &userv2.RemovePasskeyResponse{Details: object.Written(ctx, receipt)}, nil
}
