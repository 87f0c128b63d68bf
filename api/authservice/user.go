package authservice

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/avatar"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	queries "github.com/signet-iam/signet/query/user"
)

// undetermined is the language of people who named none (BCP 47).
const undetermined = "und"

// user is all the messages that one user takes on the wire, in one piece of memory.
type user struct {
	message authv1.User
	details authv1.ObjectDetails
	created timestamppb.Timestamp
	changed timestamppb.Timestamp
	names   [1]string

	isMachine authv1.User_Machine
	machine   authv1.Machine

	isHuman         authv1.User_Human
	human           authv1.Human
	profile         authv1.Profile
	email           authv1.Email
	phone           authv1.Phone
	passwordChanged timestamppb.Timestamp
}

// fill writes u into the messages and returns the outermost. They share memory with u.
func (m *user) fill(u *queries.User, avatars avatar.Addresses) *authv1.User {
	m.names[0] = u.Username
	m.created.Seconds, m.created.Nanos = u.CreatedAt.Unix(), int32(u.CreatedAt.Nanosecond())
	m.changed.Seconds, m.changed.Nanos = u.ChangedAt.Unix(), int32(u.ChangedAt.Nanosecond())
	m.details.Sequence, m.details.ResourceOwner = u.Version, u.Organization
	m.details.CreationDate, m.details.ChangeDate = &m.created, &m.changed

	m.message.Id = u.ID
	m.message.Details = &m.details
	m.message.State = state(u.State)
	m.message.UserName = u.Username
	m.message.LoginNames = m.names[:]
	m.message.PreferredLoginName = u.Username
	if u.Kind == queries.KindMachine {
		m.fillMachine(&u.Machine)
	} else {
		m.fillHuman(u, avatars)
	}
	return &m.message
}

func (m *user) fillMachine(u *queries.Machine) {
	m.machine.Name, m.machine.Description, m.machine.HasSecret = u.Name, u.Description, u.HasSecret
	if u.SignedTokens {
		m.machine.AccessTokenType = authv1.AccessTokenType_ACCESS_TOKEN_TYPE_JWT
	}
	m.isMachine.Machine = &m.machine
	m.message.Type = &m.isMachine
}

func (m *user) fillHuman(u *queries.User, avatars avatar.Addresses) {
	fillProfile(&m.profile, u, avatars)
	m.email.Email, m.email.IsEmailVerified = u.Human.Email, u.Human.EmailVerified
	m.phone.Phone, m.phone.IsPhoneVerified = u.Human.Phone, u.Human.PhoneVerified
	m.human.Profile, m.human.Email, m.human.Phone = &m.profile, &m.email, &m.phone
	if at := u.Human.PasswordChangedAt; !at.IsZero() {
		m.passwordChanged.Seconds, m.passwordChanged.Nanos = at.Unix(), int32(at.Nanosecond())
		m.human.PasswordChanged = &m.passwordChanged
	}
	m.isHuman.Human = &m.human
	m.message.Type = &m.isHuman
}

func fillProfile(p *authv1.Profile, u *queries.User, avatars avatar.Addresses) {
	h := &u.Human
	p.FirstName, p.LastName, p.NickName, p.DisplayName = h.GivenName, h.FamilyName, h.NickName, h.DisplayName
	p.PreferredLanguage, p.Gender = h.PreferredLanguage, authv1.Gender(h.Gender)
	p.AvatarUrl = avatars.Of(u.ID, u.Avatar)
	if p.PreferredLanguage == "" {
		p.PreferredLanguage = undetermined
	}
}

// state numbers states as this API does, which is not how others do.
func state(s queries.State) authv1.UserState {
	if s == queries.StateInitial {
		return authv1.UserState_USER_STATE_INITIAL
	}
	return authv1.UserState(s)
}
