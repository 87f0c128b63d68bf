package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// CreateInviteCode invites a user to set up the first credential.
func (s *Service) CreateInviteCode(ctx context.Context, r *userv2.CreateInviteCodeRequest) (*userv2.CreateInviteCodeResponse, error) {
	ctx, caller := call.Command(ctx)
	request := commands.InviteUser{
		UserID:          r.GetUserId(),
		Verification:    commands.Send{URLTemplate: r.GetSendCode().GetUrlTemplate()},
		ApplicationName: r.GetSendCode().GetApplicationName(),
	}
	if r.GetReturnCode() != nil {
		request.Verification = commands.Return{}
	}
	done, err := s.commands.Invite(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	return &userv2.CreateInviteCodeResponse{Details: object.Written(ctx, done.Receipt), InviteCode: returned(done.Code)}, nil
}
