package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// SetMyPhone replaces the number and sends a code to the new one.
func (s *Service) SetMyPhone(ctx context.Context, r *authv1.SetMyPhoneRequest) (*authv1.SetMyPhoneResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.users.SetPhone(ctx, caller, commands.SetPhone{UserID: caller.SubjectID(), Phone: r.GetPhone()})
	if err != nil {
		return nil, err
	}
	return &authv1.SetMyPhoneResponse{Details: changed(ctx, done.Receipt)}, nil
}
