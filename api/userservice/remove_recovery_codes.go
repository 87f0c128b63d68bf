package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// RemoveRecoveryCodes makes a person's recovery codes void.
func (s *Service) RemoveRecoveryCodes(
	ctx context.Context, r *userv2.RemoveRecoveryCodesRequest,
) (*userv2.RemoveRecoveryCodesResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveRecoveryCodes(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveRecoveryCodesResponse{Details: object.Written(ctx, receipt)}, nil
}
