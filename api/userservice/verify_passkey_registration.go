package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/api/webauthnjson"
	commands "github.com/signet-iam/signet/command/user"
)

// VerifyPasskeyRegistration ends the registration of a passkey with the authenticator's answer.
func (s *Service) VerifyPasskeyRegistration(ctx context.Context, r *userv2.VerifyPasskeyRegistrationRequest) (*userv2.VerifyPasskeyRegistrationResponse, error) {
	ctx, caller := call.Command(ctx)
	response, err := webauthnjson.Response(r.GetPublicKeyCredential())
	if err != nil {
		return nil, err
	}
	receipt, err := s.commands.VerifyPasskey(ctx, caller, commands.VerifyCredential{
		UserID: r.GetUserId(), ID: r.GetPasskeyId(), Name: r.GetPasskeyName(), Response: response,
	})
	if err != nil {
		return nil, err
	}
	return &userv2.VerifyPasskeyRegistrationResponse{Details: object.Written(ctx, receipt)}, nil
}
