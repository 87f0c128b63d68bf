package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveMyAuthFactorU2F removes a security key, registered or about to be.
func (s *Service) RemoveMyAuthFactorU2F(
	ctx context.Context, r *authv1.RemoveMyAuthFactorU2FRequest,
) (*authv1.RemoveMyAuthFactorU2FResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemoveU2F(ctx, caller, commands.RemoveCredential{UserID: caller.SubjectID(), ID: r.GetTokenId()})
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyAuthFactorU2FResponse{Details: changed(ctx, receipt)}, nil
}
