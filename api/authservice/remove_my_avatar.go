package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// RemoveMyAvatar takes the caller's picture away. Without one nothing happens.
func (s *Service) RemoveMyAvatar(ctx context.Context, _ *authv1.RemoveMyAvatarRequest) (*authv1.RemoveMyAvatarResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemoveAvatar(ctx, caller, caller.SubjectID())
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyAvatarResponse{Details: changed(ctx, receipt)}, nil
}
