package memberservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/member"
)

// SetMember gives a user exactly these roles on a resource.
func (s *Service) SetMember(ctx context.Context, r *memberv1.SetMemberRequest) (*memberv1.SetMemberResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Set(ctx, caller, commands.Set{
		Resource: resource(r.GetResource()), UserID: r.GetUserId(), Roles: r.GetRoles(),
	})
	if err != nil {
		return nil, err
	}
	return &memberv1.SetMemberResponse{Details: object.Written(ctx, receipt)}, nil
}
