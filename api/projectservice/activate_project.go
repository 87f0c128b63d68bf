package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
)

// ActivateProject brings a project back into use.
func (s *Service) ActivateProject(
	ctx context.Context, r *projectv2.ActivateProjectRequest,
) (*projectv2.ActivateProjectResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Activate(ctx, caller, r.GetProjectId())
	if err != nil {
		return nil, err
	}
	return &projectv2.ActivateProjectResponse{ChangeDate: object.When(ctx, receipt)}, nil
}
