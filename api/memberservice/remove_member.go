package memberservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	"github.com/signet-iam/signet/api/object"
)

// RemoveMember takes all roles on a resource from a user.
func (s *Service) RemoveMember(ctx context.Context, r *memberv1.RemoveMemberRequest) (*memberv1.RemoveMemberResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Remove(ctx, caller, resource(r.GetResource()), r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &memberv1.RemoveMemberResponse{Details: object.Written(ctx, receipt)}, nil
}
