package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveKey takes a key away from a machine.
func (s *Service) RemoveKey(ctx context.Context, r *userv2.RemoveKeyRequest) (*userv2.RemoveKeyResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveKey(ctx, caller, commands.RemoveKey{UserID: r.GetUserId(), KeyID: r.GetKeyId()})
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveKeyResponse{DeletionDate: object.Written(ctx, receipt).GetChangeDate()}, nil
}
