package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveMyPasswordless removes a passkey, registered or about to be.
func (s *Service) RemoveMyPasswordless(
	ctx context.Context, r *authv1.RemoveMyPasswordlessRequest,
) (*authv1.RemoveMyPasswordlessResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemovePasskey(ctx, caller, commands.RemoveCredential{UserID: caller.SubjectID(), ID: r.GetTokenId()})
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyPasswordlessResponse{Details: changed(ctx, receipt)}, nil
}
