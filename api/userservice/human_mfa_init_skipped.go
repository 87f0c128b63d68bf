package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// HumanMFAInitSkipped notes that a user put the second factor off.
func (s *Service) HumanMFAInitSkipped(
	ctx context.Context, r *userv2.HumanMFAInitSkippedRequest,
) (*userv2.HumanMFAInitSkippedResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.SkipMFAInit(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.HumanMFAInitSkippedResponse{Details: object.Written(ctx, receipt)}, nil
}
