package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// AddOTPSMS lets a user sign in with codes sent by SMS.
func (s *Service) AddOTPSMS(ctx context.Context, r *userv2.AddOTPSMSRequest) (*userv2.AddOTPSMSResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.AddOTPSMS(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.AddOTPSMSResponse{Details: object.Written(ctx, receipt)}, nil
}
