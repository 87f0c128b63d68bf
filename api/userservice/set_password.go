package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// SetPassword replaces a password: by a code, by the current one, or by permission.
func (s *Service) SetPassword(ctx context.Context, r *userv2.SetPasswordRequest) (*userv2.SetPasswordResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.SetPassword(ctx, caller, commands.SetPassword{
		UserID: r.GetUserId(),
		New:    commands.NewPassword{Clear: r.GetNewPassword().GetPassword(), ChangeRequired: r.GetNewPassword().GetChangeRequired()},
		Proof:  passwordProof(r),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.SetPasswordResponse{Details: object.Written(ctx, receipt)}, nil
}
