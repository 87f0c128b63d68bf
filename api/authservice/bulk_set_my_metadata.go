package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// BulkSetMyMetadata keeps values with the caller, all or none of them.
func (s *Service) BulkSetMyMetadata(
	ctx context.Context, r *authv1.BulkSetMyMetadataRequest,
) (*authv1.BulkSetMyMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	entries := make([]commands.MetadataEntry, len(r.GetMetadata()))
	for i, m := range r.GetMetadata() {
		entries[i] = commands.MetadataEntry{Key: m.GetKey(), Value: m.GetValue()}
	}
	receipt, err := s.users.SetMetadata(ctx, caller, commands.SetMetadata{UserID: caller.SubjectID(), Entries: entries})
	if err != nil {
		return nil, err
	}
	return &authv1.BulkSetMyMetadataResponse{Details: changed(ctx, receipt)}, nil
}
