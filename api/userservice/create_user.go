package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// CreateUser adds a person or a machine.
func (s *Service) CreateUser(ctx context.Context, r *userv2.CreateUserRequest) (*userv2.CreateUserResponse, error) {
	if r.GetMachine() != nil {
		return s.createMachine(ctx, r)
	}
	ctx, caller := call.Command(ctx)
	human := r.GetHuman()
	added, err := s.commands.AddHuman(ctx, caller, commands.AddHuman{
		UserID:       r.GetUserId(),
		Organization: r.GetOrganizationId(),
		Username:     r.Username,
		Profile:      *profile(human.GetProfile()),
		Email:        *emailChange(human.GetEmail()),
		Phone:        phoneChange(human.GetPhone()),
		Password:     newPassword(human),
		Metadata:     append(metadata(r.GetMetadata()), metadata(human.GetMetadata())...),
		Links:        links(human.GetIdpLinks()),
		TOTPSecret:   human.GetTotpSecret(),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.CreateUserResponse{
		Id:           added.UserID,
		CreationDate: object.Written(ctx, added.Receipt).GetChangeDate(),
		EmailCode:    returned(added.EmailCode),
		PhoneCode:    returned(added.PhoneCode),
	}, nil
}

func (s *Service) createMachine(ctx context.Context, r *userv2.CreateUserRequest) (*userv2.CreateUserResponse, error) {
	ctx, caller := call.Command(ctx)
	machine := r.GetMachine()
	added, err := s.commands.AddMachine(ctx, caller, commands.AddMachine{
		UserID:       r.GetUserId(),
		Organization: r.GetOrganizationId(),
		Username:     r.Username,
		Name:         machine.GetName(),
		Description:  machine.GetDescription(),
		SignedTokens: signed(machine.GetAccessTokenType()),
		Metadata:     metadata(r.GetMetadata()),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.CreateUserResponse{Id: added.UserID, CreationDate: object.Written(ctx, added.Receipt).GetChangeDate()}, nil
}

// signed reports whether access tokens are to be readable without asking the server.
func signed(t userv2.AccessTokenType) bool {
	return t == userv2.AccessTokenType_ACCESS_TOKEN_TYPE_JWT
}
