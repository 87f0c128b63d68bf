package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// UpdateHumanUser changes several things of a person at once.
func (s *Service) UpdateHumanUser(ctx context.Context, r *userv2.UpdateHumanUserRequest) (*userv2.UpdateHumanUserResponse, error) {
	ctx, caller := call.Command(ctx)
	updated, err := s.commands.UpdateHuman(ctx, caller, commands.UpdateHuman{
		UserID:   r.GetUserId(),
		Username: r.Username,
		Profile:  profile(r.GetProfile()),
		Email:    emailChange(r.GetEmail()),
		Phone:    phoneChange(r.GetPhone()),
		Password: passwordUpdate(r.GetPassword()),
	})
	if err != nil {
		return nil, err
	}
	return &userv2.UpdateHumanUserResponse{
		Details:   object.Written(ctx, updated.Receipt),
		EmailCode: returned(updated.EmailCode),
		PhoneCode: returned(updated.PhoneCode),
	}, nil
}
