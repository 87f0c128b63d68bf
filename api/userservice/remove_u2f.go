package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveU2F removes a security key.
func (s *Service) RemoveU2F(ctx context.Context, r *userv2.RemoveU2FRequest) (*userv2.RemoveU2FResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveU2F(ctx, caller, commands.RemoveCredential{UserID: r.GetUserId(), ID: r.GetU2FId()})
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveU2FResponse{Details: object.Written(ctx, receipt)}, nil
}
