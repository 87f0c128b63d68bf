package authservice

import (
	"context"
	"errors"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveMyPhone removes the number. Where there is none, clients of this API expect to hear that it was not found.
func (s *Service) RemoveMyPhone(ctx context.Context, _ *authv1.RemoveMyPhoneRequest) (*authv1.RemoveMyPhoneResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemovePhone(ctx, caller, caller.SubjectID())
	if errors.Is(err, commands.ErrNoPhone) {
		return nil, commands.ErrPhoneNotFound.Because(err)
	}
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyPhoneResponse{Details: changed(ctx, receipt)}, nil
}
