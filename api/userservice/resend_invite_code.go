package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// ResendInviteCode sends a new code where one was sent.
func (s *Service) ResendInviteCode(ctx context.Context, r *userv2.ResendInviteCodeRequest) (*userv2.ResendInviteCodeResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.ResendInvite(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.ResendInviteCodeResponse{Details: object.Written(ctx, receipt)}, nil
}
