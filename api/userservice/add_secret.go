package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// AddSecret gives a machine a client secret.
func (s *Service) AddSecret(ctx context.Context, r *userv2.AddSecretRequest) (*userv2.AddSecretResponse, error) {
	ctx, caller := call.Command(ctx)
	added, err := s.commands.SetSecret(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.AddSecretResponse{
		CreationDate: object.Written(ctx, added.Receipt).GetChangeDate(),
		ClientSecret: added.Secret,
	}, nil
}
