package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// GenerateRecoveryCodes replaces a person's recovery codes by new ones.
func (s *Service) GenerateRecoveryCodes(
	ctx context.Context, r *userv2.GenerateRecoveryCodesRequest,
) (*userv2.GenerateRecoveryCodesResponse, error) {
	ctx, caller := call.Command(ctx)
	added, err := s.commands.AddRecoveryCodes(ctx, caller, commands.AddRecoveryCodes{UserID: r.GetUserId(), Count: int(r.GetCount())})
	if err != nil {
		return nil, err
	}
	return &userv2.GenerateRecoveryCodesResponse{Details: object.Written(ctx, added.Receipt), RecoveryCodes: added.Codes}, nil
}
