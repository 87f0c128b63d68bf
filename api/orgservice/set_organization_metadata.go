package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	commands "github.com/signet-iam/signet/command/organization"
)

// SetOrganizationMetadata keeps values with an organization.
func (s *Service) SetOrganizationMetadata(
	ctx context.Context, r *orgv2.SetOrganizationMetadataRequest,
) (*orgv2.SetOrganizationMetadataResponse, error) {
	ctx, caller := call.Command(ctx)
	entries := make([]commands.MetadataEntry, len(r.GetMetadata()))
	for i, m := range r.GetMetadata() {
		entries[i] = commands.MetadataEntry{Key: m.GetKey(), Value: m.GetValue()}
	}
	receipt, err := s.commands.SetMetadata(ctx, caller, r.GetOrganizationId(), entries)
	if err != nil {
		return nil, err
	}
	return &orgv2.SetOrganizationMetadataResponse{SetDate: written(ctx, receipt)}, nil
}
