package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// CreatePasskeyRegistrationLink makes a code with which a passkey can be registered.
func (s *Service) CreatePasskeyRegistrationLink(ctx context.Context, r *userv2.CreatePasskeyRegistrationLinkRequest) (*userv2.CreatePasskeyRegistrationLinkResponse, error) {
	ctx, caller := call.Command(ctx)
	request := commands.RequestCode{
		UserID: r.GetUserId(), Verification: commands.Send{URLTemplate: r.GetSendLink().GetUrlTemplate()},
	}
	if r.GetReturnCode() != nil {
		request.Verification = commands.Return{}
	}
	done, err := s.commands.RequestPasskeyCode(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	out := &userv2.CreatePasskeyRegistrationLinkResponse{Details: object.Written(ctx, done.Receipt)}
	if done.Code != "" {
		out.Code = &userv2.PasskeyRegistrationCode{Id: done.ID, Code: done.Code}
	}
	return out, nil
}
