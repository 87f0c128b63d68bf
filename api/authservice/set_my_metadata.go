package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// SetMyMetadata keeps a value with the caller.
func (s *Service) SetMyMetadata(ctx context.Context, r *authv1.SetMyMetadataRequest) (*authv1.SetMyMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.users.SetMetadata(ctx, caller, commands.SetMetadata{
		UserID:  caller.SubjectID(),
		Entries: []commands.MetadataEntry{{Key: r.GetKey(), Value: r.GetValue()}},
	})
	if err != nil {
		return nil, err
	}
	return &authv1.SetMyMetadataResponse{Details: changed(ctx, receipt)}, nil
}
