package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
)

// DeleteProject ends a project.
func (s *Service) DeleteProject(ctx context.Context, r *projectv2.DeleteProjectRequest) (*projectv2.DeleteProjectResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Remove(ctx, caller, r.GetProjectId())
	if err != nil {
		return nil, err
	}
	return &projectv2.DeleteProjectResponse{DeletionDate: object.When(ctx, receipt)}, nil
}
