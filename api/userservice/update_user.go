package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// UpdateUser changes several things of a person or a machine at once.
func (s *Service) UpdateUser(ctx context.Context, r *userv2.UpdateUserRequest) (*userv2.UpdateUserResponse, error) {
	if r.GetMachine() != nil {
		return s.updateMachine(ctx, r)
	}
	ctx, caller := call.Command(ctx)
	human := r.GetHuman()
	request := commands.UpdateHuman{
		UserID:       r.GetUserId(),
		Username:     r.Username,
		ProfileParts: profileParts(human.GetProfile()),
		Email:        emailChange(human.GetEmail()),
		Password:     passwordUpdate(human.GetPassword()),
		Metadata:     metadata(r.GetMetadata()),
	}
	if phone := human.GetPhone(); phone != nil {
		request.RemovePhone = phone.GetPhone() == ""
		if !request.RemovePhone || phone.GetVerification() != nil {
			request.Phone = phoneChange(phone)
		}
	}
	updated, err := s.commands.UpdateHuman(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	return &userv2.UpdateUserResponse{
		ChangeDate: object.Written(ctx, updated.Receipt).GetChangeDate(),
		EmailCode:  returned(updated.EmailCode),
		PhoneCode:  returned(updated.PhoneCode),
	}, nil
}

func (s *Service) updateMachine(ctx context.Context, r *userv2.UpdateUserRequest) (*userv2.UpdateUserResponse, error) {
	ctx, caller := call.Command(ctx)
	machine := r.GetMachine()
	update := commands.UpdateMachine{
		UserID:      r.GetUserId(),
		Username:    r.Username,
		Name:        machine.Name,
		Description: machine.Description,
		Metadata:    metadata(r.GetMetadata()),
	}
	if machine.AccessTokenType != nil {
		update.SignedTokens = new(signed(machine.GetAccessTokenType()))
	}
	receipt, err := s.commands.UpdateMachine(ctx, caller, update)
	if err != nil {
		return nil, err
	}
	return &userv2.UpdateUserResponse{ChangeDate: object.Written(ctx, receipt).GetChangeDate()}, nil
}

func profileParts(p *userv2.UpdateUserRequest_Human_Profile) *commands.ProfileParts {
	if p == nil {
		return nil
	}
	out := &commands.ProfileParts{
		GivenName: p.GivenName, FamilyName: p.FamilyName,
		NickName: p.NickName, DisplayName: p.DisplayName, PreferredLanguage: p.PreferredLanguage,
	}
	if p.Gender != nil {
		gender := eventv1.Gender(p.GetGender())
		out.Gender = &gender
	}
	return out
}
