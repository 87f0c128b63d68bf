package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// UpdateMyPassword replaces the password by the current one.
func (s *Service) UpdateMyPassword(
	ctx context.Context, r *authv1.UpdateMyPasswordRequest,
) (*authv1.UpdateMyPasswordResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.SetPassword(ctx, caller, commands.SetPassword{
		UserID: caller.SubjectID(),
		New:    commands.NewPassword{Clear: r.GetNewPassword()},
		Proof:  commands.CurrentPassword(r.GetOldPassword()),
	})
	if err != nil {
		return nil, err
	}
	return &authv1.UpdateMyPasswordResponse{Details: changed(ctx, receipt)}, nil
}
