package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// UpdateMyUserName gives the caller another name to sign in with.
func (s *Service) UpdateMyUserName(
	ctx context.Context, r *authv1.UpdateMyUserNameRequest,
) (*authv1.UpdateMyUserNameResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.ChangeUsername(ctx, caller, commands.ChangeUsername{UserID: caller.SubjectID(), Username: r.GetUserName()})
	if err != nil {
		return nil, err
	}
	return &authv1.UpdateMyUserNameResponse{Details: changed(ctx, receipt)}, nil
}
