package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// GetMyMetadata returns what is kept with the caller under one key.
func (s *Service) GetMyMetadata(ctx context.Context, r *authv1.GetMyMetadataRequest) (*authv1.GetMyMetadataResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.MetadataUnder(ctx, c.Caller, c.Caller.SubjectID(), r.GetKey(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	return &authv1.GetMyMetadataResponse{Metadata: metadata(&found, 0)}, nil
}
