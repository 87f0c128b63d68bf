package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// UpdateMyProfile replaces what the caller is called, all of it: what the request leaves empty is empty then.
func (s *Service) UpdateMyProfile(
	ctx context.Context, r *authv1.UpdateMyProfileRequest,
) (*authv1.UpdateMyProfileResponse, error) {
	ctx, caller := call.Command(ctx)
	gender := eventv1.Gender(r.GetGender())
	receipt, err := s.users.ChangeProfile(ctx, caller, commands.ChangeProfile{
		UserID: caller.SubjectID(),
		Profile: commands.Profile{
			GivenName: r.GetFirstName(), FamilyName: r.GetLastName(), NickName: &r.NickName, DisplayName: &r.DisplayName,
			PreferredLanguage: &r.PreferredLanguage, Gender: &gender,
		},
	})
	if err != nil {
		return nil, err
	}
	return &authv1.UpdateMyProfileResponse{Details: changed(ctx, receipt)}, nil
}
