package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// RemoveOTPEmail ends codes by email.
func (s *Service) RemoveOTPEmail(ctx context.Context, r *userv2.RemoveOTPEmailRequest) (*userv2.RemoveOTPEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveOTPEmail(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveOTPEmailResponse{Details: object.Written(ctx, receipt)}, nil
}
