package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// BulkRemoveMyMetadata forgets values that are kept with the caller, all of them or, if one is missing, none.
func (s *Service) BulkRemoveMyMetadata(
	ctx context.Context, r *authv1.BulkRemoveMyMetadataRequest,
) (*authv1.BulkRemoveMyMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.RemoveMetadata(ctx, caller, commands.RemoveMetadata{UserID: caller.SubjectID(), Keys: r.GetKeys()})
	if err != nil {
		return nil, err
	}
	return &authv1.BulkRemoveMyMetadataResponse{Details: changed(ctx, receipt)}, nil
}
