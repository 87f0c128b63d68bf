package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/api/webauthnjson"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyU2FRegistration ends the registration of a security key with its answer.
func (s *Service) VerifyU2FRegistration(ctx context.Context, r *userv2.VerifyU2FRegistrationRequest) (*userv2.VerifyU2FRegistrationResponse, error) {
	ctx, caller := call.Command(ctx)
	response, err := webauthnjson.Response(r.GetPublicKeyCredential())
	if err != nil {
		return nil, err
	}
	receipt, err := s.commands.VerifyU2F(ctx, caller, commands.VerifyCredential{
		UserID: r.GetUserId(), ID: r.GetU2FId(), Name: r.GetTokenName(), Response: response,
	})
	if err != nil {
		return nil, err
	}
	return &userv2.VerifyU2FRegistrationResponse{Details: object.Written(ctx, receipt)}, nil
}
