package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// RegisterTOTP makes a secret for an authenticator app.
func (s *Service) RegisterTOTP(ctx context.Context, r *userv2.RegisterTOTPRequest) (*userv2.RegisterTOTPResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.commands.RegisterTOTP(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RegisterTOTPResponse{Details: written(ctx, done.Receipt), Uri: done.URI, Secret: done.Secret}, nil
}
