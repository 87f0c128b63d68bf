package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyInviteCode accepts an invitation.
func (s *Service) VerifyInviteCode(ctx context.Context, r *userv2.VerifyInviteCodeRequest) (*userv2.VerifyInviteCodeResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.AcceptInvite(ctx, caller, commands.VerifyCode{UserID: r.GetUserId(), Code: r.GetVerificationCode()})
	if err != nil {
		return nil, err
	}
	return &userv2.VerifyInviteCodeResponse{Details: object.Written(ctx, receipt)}, nil
}
