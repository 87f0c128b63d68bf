package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// RemoveOTPSMS ends codes by SMS.
func (s *Service) RemoveOTPSMS(ctx context.Context, r *userv2.RemoveOTPSMSRequest) (*userv2.RemoveOTPSMSResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.RemoveOTPSMS(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RemoveOTPSMSResponse{Details: object.Written(ctx, receipt)}, nil
}
