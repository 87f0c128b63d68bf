package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// AddKey adds a key to a machine, and makes it unless the request brings one.
func (s *Service) AddKey(ctx context.Context, r *userv2.AddKeyRequest) (*userv2.AddKeyResponse, error) {
	ctx, caller := call.Command(ctx)
	added, err := s.commands.AddKey(ctx, caller, commands.AddKey{
		UserID:    r.GetUserId(),
		PublicKey: r.GetPublicKey(),
		ExpiresAt: r.GetExpirationDate().AsTime(),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.AddKeyResponse{
		CreationDate: object.Written(ctx, added.Receipt).GetChangeDate(),
		KeyId:        added.ID,
		KeyContent:   added.File,
	}, nil
}
