package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// RemoveSecret takes the client secret away from a machine.
func (s *Service) RemoveSecret(ctx context.Context, r *userv2.RemoveSecretRequest) (*userv2.RemoveSecretResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveSecret(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveSecretResponse{DeletionDate: object.Written(ctx, receipt).GetChangeDate()}, nil
}
