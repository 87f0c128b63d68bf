package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
)

// GetProject returns a project.
func (s *Service) GetProject(ctx context.Context, r *projectv2.GetProjectRequest) (*projectv2.GetProjectResponse, error) {
	c := call.From(ctx)
	found, err := s.queries.Get(ctx, c.Caller, r.GetProjectId(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	return &projectv2.GetProjectResponse{Project: message(&found)}, nil
}
