package userservice

import (
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	queries "github.com/signet-iam/signet/query/user"
)

// undetermined is the language of people who named none (BCP 47).
const undetermined = "und"

func user(u *queries.User) *userv2.User {
	out := &userv2.User{
		UserId:             u.ID,
		State:              userv2.UserState(u.State),
		Username:           u.Username,
		LoginNames:         []string{u.Username},
		PreferredLoginName: u.Username,
		Details: &objectv2.Details{
			Sequence: u.Version, ChangeDate: instant(u.ChangedAt), CreationDate: instant(u.CreatedAt), ResourceOwner: u.Organization,
		},
	}
	if u.Kind == queries.KindMachine {
		out.Type = &userv2.User_Machine{Machine: &userv2.MachineUser{
			Name: u.Machine.Name, Description: u.Machine.Description, HasSecret: u.Machine.HasSecret,
		}}
		return out
	}
	out.Type = &userv2.User_Human{Human: human(&u.Human)}
	return out
}

func human(h *queries.Human) *userv2.HumanUser {
	language, gender := h.PreferredLanguage, userv2.Gender(h.Gender)
	if language == "" {
		language = undetermined
	}
	return &userv2.HumanUser{
		Profile: &userv2.HumanProfile{
			GivenName: h.GivenName, FamilyName: h.FamilyName, NickName: &h.NickName, DisplayName: &h.DisplayName,
			PreferredLanguage: &language, Gender: &gender,
		},
		Email:                  &userv2.HumanEmail{Email: h.Email, IsVerified: h.EmailVerified},
		Phone:                  &userv2.HumanPhone{Phone: h.Phone, IsVerified: h.PhoneVerified},
		PasswordChangeRequired: h.PasswordChangeRequired,
		PasswordChanged:        instant(h.PasswordChangedAt),
	}
}
