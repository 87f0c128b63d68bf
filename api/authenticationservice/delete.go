package authenticationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

// Delete removes the caller.
func (s *Service) Delete(ctx context.Context, _ *authenticationv1.DeleteRequest) (*authenticationv1.DeleteResponse, error) {
	ctx, caller := call.Command(ctx)
	if err := s.signin.Remove(ctx, caller); err != nil {
		return nil, err
	}
	return &authenticationv1.DeleteResponse{}, nil
}
