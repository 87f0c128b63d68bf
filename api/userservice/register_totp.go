package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// RegisterTOTP makes a secret for an authenticator app.
func (s *Service) RegisterTOTP(ctx context.Context, r *userv2.RegisterTOTPRequest) (*userv2.RegisterTOTPResponse, error) {
	ctx, caller := call.Command(ctx)
	done, err := s.commands.RegisterTOTP(ctx, caller, r.GetUserId())
	if err != nil {
		return nil, err
	}
	return &userv2.RegisterTOTPResponse{Details: object.Written(ctx, done.Receipt), Uri: done.URI, Secret: done.Secret}, nil
}
