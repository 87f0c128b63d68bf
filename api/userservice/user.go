package userservice

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/avatar"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	queries "github.com/signet-iam/signet/query/user"
)

// undetermined is the language of people who named none (BCP 47).
const undetermined = "und"

// user is all the messages that one user takes on the wire, in one piece of memory: a page of a hundred users is then one
// allocation instead of a thousand.
type user struct {
	message userv2.User
	details objectv2.Details
	created timestamppb.Timestamp
	changed timestamppb.Timestamp
	names   [1]string

	isMachine userv2.User_Machine
	machine   userv2.MachineUser

	isHuman         userv2.User_Human
	human           userv2.HumanUser
	profile         userv2.HumanProfile
	email           userv2.HumanEmail
	phone           userv2.HumanPhone
	passwordChanged timestamppb.Timestamp
	mfaInitSkipped  timestamppb.Timestamp
	gender          userv2.Gender
	language        string
}

// fill writes u into the messages and returns the outermost. They share memory with u.
func (m *user) fill(u *queries.User, avatars avatar.Addresses) *userv2.User {
	m.names[0] = u.Username
	m.details.Sequence = u.Version
	m.details.ChangeDate = at(&m.changed, u.ChangedAt)
	m.details.CreationDate = at(&m.created, u.CreatedAt)
	m.details.ResourceOwner = u.Organization

	m.message.UserId = u.ID
	m.message.State = userv2.UserState(u.State)
	m.message.Username = u.Username
	m.message.LoginNames = m.names[:]
	m.message.PreferredLoginName = u.Username
	m.message.Details = &m.details
	if u.Kind == queries.KindMachine {
		m.fillMachine(&u.Machine)
	} else {
		m.fillHuman(&u.Human)
		m.profile.AvatarUrl = avatars.Of(u.ID, u.Avatar)
	}
	return &m.message
}

func (m *user) fillMachine(u *queries.Machine) {
	m.machine.Name, m.machine.Description, m.machine.HasSecret = u.Name, u.Description, u.HasSecret
	if u.SignedTokens {
		m.machine.AccessTokenType = userv2.AccessTokenType_ACCESS_TOKEN_TYPE_JWT
	}
	m.isMachine.Machine = &m.machine
	m.message.Type = &m.isMachine
}

func (m *user) fillHuman(u *queries.Human) {
	m.language, m.gender = u.PreferredLanguage, userv2.Gender(u.Gender)
	if m.language == "" {
		m.language = undetermined
	}
	m.profile.GivenName, m.profile.FamilyName = u.GivenName, u.FamilyName
	m.profile.NickName, m.profile.DisplayName = &u.NickName, &u.DisplayName
	m.profile.PreferredLanguage, m.profile.Gender = &m.language, &m.gender
	m.email.Email, m.email.IsVerified = u.Email, u.EmailVerified
	m.phone.Phone, m.phone.IsVerified = u.Phone, u.PhoneVerified

	m.human.Profile, m.human.Email, m.human.Phone = &m.profile, &m.email, &m.phone
	m.human.PasswordChangeRequired = u.PasswordChangeRequired
	m.human.PasswordChanged = at(&m.passwordChanged, u.PasswordChangedAt)
	m.human.MfaInitSkipped = at(&m.mfaInitSkipped, u.MFAInitSkippedAt)
	m.isHuman.Human = &m.human
	m.message.Type = &m.isHuman
}

// at writes a moment into its message; nil for what never happened.
func at(m *timestamppb.Timestamp, t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	m.Seconds, m.Nanos = t.Unix(), int32(t.Nanosecond())
	return m
}
