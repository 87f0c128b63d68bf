package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
)

// DeactivateProject takes a project out of use.
func (s *Service) DeactivateProject(
	ctx context.Context, r *projectv2.DeactivateProjectRequest,
) (*projectv2.DeactivateProjectResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Deactivate(ctx, caller, r.GetProjectId())
	if err != nil {
		return nil, err
	}
	return &projectv2.DeactivateProjectResponse{ChangeDate: object.When(ctx, receipt)}, nil
}
