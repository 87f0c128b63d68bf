package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// RemoveMyUser ends the caller. It needs user.self.delete, or user.delete.
func (s *Service) RemoveMyUser(ctx context.Context, _ *authv1.RemoveMyUserRequest) (*authv1.RemoveMyUserResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.Delete(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyUserResponse{Details: changed(ctx, receipt)}, nil
}
