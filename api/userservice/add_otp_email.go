package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// AddOTPEmail lets a user sign in with codes sent by email.
func (s *Service) AddOTPEmail(ctx context.Context, r *userv2.AddOTPEmailRequest) (*userv2.AddOTPEmailResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.AddOTPEmail(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.AddOTPEmailResponse{Details: object.Written(ctx, receipt)}, nil
}
