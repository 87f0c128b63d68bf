package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// RemovePhone removes a user's phone number.
func (s *Service) RemovePhone(ctx context.Context, r *userv2.RemovePhoneRequest) (*userv2.RemovePhoneResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemovePhone(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RemovePhoneResponse{Details: object.Written(ctx, receipt)}, nil
}
