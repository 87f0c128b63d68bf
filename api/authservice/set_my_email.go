package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// SetMyEmail replaces the address and sends a code to the new one.
func (s *Service) SetMyEmail(ctx context.Context, r *authv1.SetMyEmailRequest) (*authv1.SetMyEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.users.SetEmail(ctx, caller, commands.SetEmail{UserID: caller.SubjectID(), Email: r.GetEmail()})
	if err != nil {
		return nil, err
	}
	return &authv1.SetMyEmailResponse{Details: changed(ctx, done.Receipt)}, nil
}
