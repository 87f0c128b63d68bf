package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/api/webauthnjson"
	commands "github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
)

// RegisterPasskey begins the registration of a passkey.
func (s *Service) RegisterPasskey(ctx context.Context, r *userv2.RegisterPasskeyRequest) (*userv2.RegisterPasskeyResponse, error) {
	ctx, caller := call.Command(ctx)
	request := commands.RegisterPasskey{UserID: r.GetUserId(), Domain: r.GetDomain(), Attachment: attachment(r.GetAuthenticator())}
	if code := r.GetCode(); code != nil {
		request.Code = &commands.PasskeyProof{ID: code.GetId(), Code: code.GetCode()}
	}
	begun, err := s.commands.RegisterPasskey(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	options, err := webauthnjson.Options(begun.Options)
	if err != nil {
		return nil, err
	}
	return &userv2.RegisterPasskeyResponse{
		Details: object.Written(ctx, begun.Receipt), PasskeyId: begun.ID, PublicKeyCredentialCreationOptions: options,
	}, nil
}

func attachment(a userv2.PasskeyAuthenticator) webauthn.Attachment {
	switch a {
	case userv2.PasskeyAuthenticator_PASSKEY_AUTHENTICATOR_PLATFORM:
		return webauthn.Platform
	case userv2.PasskeyAuthenticator_PASSKEY_AUTHENTICATOR_CROSS_PLATFORM:
		return webauthn.CrossPlatform
	}
	return webauthn.AnyAttachment
}
