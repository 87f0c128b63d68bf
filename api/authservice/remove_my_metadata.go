package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// RemoveMyMetadata forgets a value that is kept with the caller.
func (s *Service) RemoveMyMetadata(
	ctx context.Context, r *authv1.RemoveMyMetadataRequest,
) (*authv1.RemoveMyMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemoveMetadata(ctx, caller, commands.RemoveMetadata{UserID: caller.SubjectID(), Keys: []string{r.GetKey()}})
	if err != nil {
		return nil, err
	}
	return &authv1.RemoveMyMetadataResponse{Details: changed(ctx, receipt)}, nil
}
