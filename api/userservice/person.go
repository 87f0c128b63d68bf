package userservice

import (
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	commands "github.com/signet-iam/signet/command/user"
)

// The parts of a person that requests have in common. What a request leaves out is nil.

func profile(p *userv2.SetHumanProfile) *commands.Profile {
	if p == nil {
		return nil
	}
	out := &commands.Profile{
		GivenName: p.GetGivenName(), FamilyName: p.GetFamilyName(),
		NickName: p.NickName, DisplayName: p.DisplayName, PreferredLanguage: p.PreferredLanguage,
	}
	if p.Gender != nil {
		gender := eventv1.Gender(p.GetGender())
		out.Gender = &gender
	}
	return out
}

func emailChange(e *userv2.SetHumanEmail) *commands.EmailChange {
	if e == nil {
		return nil
	}
	return &commands.EmailChange{Address: e.GetEmail(), Verification: emailVerification(e)}
}

func phoneChange(p *userv2.SetHumanPhone) *commands.PhoneChange {
	if p == nil {
		return nil
	}
	return &commands.PhoneChange{Number: p.GetPhone(), Verification: phoneVerification(p)}
}

func newPassword(r interface {
	GetPassword() *userv2.Password
	GetHashedPassword() *userv2.HashedPassword
},
) *commands.NewPassword {
	if p := r.GetPassword(); p != nil {
		return &commands.NewPassword{Clear: p.GetPassword(), ChangeRequired: p.GetChangeRequired()}
	}
	if h := r.GetHashedPassword(); h != nil {
		return &commands.NewPassword{Hash: h.GetHash(), ChangeRequired: h.GetChangeRequired()}
	}
	return nil
}

func passwordUpdate(p *userv2.SetPassword) *commands.PasswordUpdate {
	if p == nil {
		return nil
	}
	out := &commands.PasswordUpdate{Proof: passwordProof(p)}
	if next := newPassword(p); next != nil {
		out.New = *next
	}
	return out
}
