package users

import (
	"strings"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// The states and kinds of a user, as the API numbers them.
const (
	stateActive   int16 = 1
	stateInactive int16 = 2
	stateDeleted  int16 = 3
	stateLocked   int16 = 4

	kindHuman   int16 = 1
	kindMachine int16 = 2
)

// Row is one user. The zero Row is a user of whom nothing happened yet.
type Row struct {
	Tenant, ID     string
	OrganizationID string
	Version        uint64
	Position       eventstore.Position
	State, Kind    int16

	Username          string
	GivenName         string
	FamilyName        string
	NickName          string
	DisplayName       string
	PreferredLanguage string
	Gender            int16

	Email         string
	EmailVerified bool
	Phone         string
	PhoneVerified bool

	HasPassword            bool
	PasswordChangeRequired bool
	PasswordChangedAt      *time.Time
	MFAInitSkippedAt       *time.Time

	MachineName        string
	MachineDescription string
	HasSecret          bool
	SignedTokens       bool

	CreatedAt, ChangedAt time.Time

	Born   uint64 // version of the event that began the user's present life
	Avatar string // digest of the picture, in hex
}

// exists reports whether the user is there for anybody but the log.
func (r *Row) exists() bool { return r.State != 0 && r.State != stateDeleted }

// end leaves a tombstone: what tells a reader how far the stream is taken in, and nothing about the person.
func (r *Row) end() {
	*r = Row{
		Tenant: r.Tenant, ID: r.ID, OrganizationID: r.OrganizationID, Version: r.Version, Position: r.Position,
		State: stateDeleted, Kind: r.Kind, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, Born: r.Born,
	}
}

// columns are the table's columns, in the order of values and arrays.
const columns = `tenant, id, organization_id, version, position, state, kind, username, given_name, family_name, nick_name,
display_name, preferred_language, gender, email, email_verified, phone, phone_verified, has_password,
password_change_required, password_changed_at, mfa_init_skipped_at, machine_name, machine_description, has_secret, signed_tokens, created_at, changed_at,
born, avatar, username_lower, given_name_lower, family_name_lower, nick_name_lower, display_name_lower, email_lower`

var columnNames = strings.FieldsFunc(columns, func(c rune) bool { return c == ',' || c == ' ' || c == '\n' })

// values returns the row as COPY takes it.
func (r *Row) values() []any {
	return []any{
		r.Tenant, r.ID, r.OrganizationID, int64(r.Version), int64(r.Position), r.State, r.Kind, r.Username, r.GivenName,
		r.FamilyName, r.NickName, r.DisplayName, r.PreferredLanguage, r.Gender, r.Email, r.EmailVerified, r.Phone,
		r.PhoneVerified, r.HasPassword, r.PasswordChangeRequired, r.PasswordChangedAt, r.MFAInitSkippedAt, r.MachineName,
		r.MachineDescription, r.HasSecret, r.SignedTokens, r.CreatedAt, r.ChangedAt, int64(r.Born), r.Avatar,
		strings.ToLower(r.Username), strings.ToLower(r.GivenName), strings.ToLower(r.FamilyName), strings.ToLower(r.NickName),
		strings.ToLower(r.DisplayName), strings.ToLower(r.Email),
	}
}

// fields returns where a loaded row goes: all columns but the lowered ones, which follow from the others.
func (r *Row) fields() []any {
	return []any{
		&r.Tenant, &r.ID, &r.OrganizationID, &r.Version, &r.Position, &r.State, &r.Kind, &r.Username, &r.GivenName,
		&r.FamilyName, &r.NickName, &r.DisplayName, &r.PreferredLanguage, &r.Gender, &r.Email, &r.EmailVerified, &r.Phone,
		&r.PhoneVerified, &r.HasPassword, &r.PasswordChangeRequired, &r.PasswordChangedAt, &r.MFAInitSkippedAt, &r.MachineName,
		&r.MachineDescription, &r.HasSecret, &r.SignedTokens, &r.CreatedAt, &r.ChangedAt, &r.Born, &r.Avatar,
	}
}

// arrays are rows by column, as unnest takes them.
type arrays struct {
	tenant, id, organization                                                           []string
	version, position                                                                  []int64
	state, kind, gender                                                                []int16
	username, given, family, nick, display, language, email, phone, machine, describe  []string
	emailVerified, phoneVerified, hasPassword, changeRequired, hasSecret, signedTokens []bool
	passwordChanged, mfaInitSkipped                                                    []*time.Time
	created, changed                                                                   []time.Time
	lowUsername, lowGiven, lowFamily, lowNick, lowDisplay, lowEmail                    []string
	born                                                                               []int64
	avatar                                                                             []string
}

func (a *arrays) add(r *Row) {
	a.tenant, a.id, a.organization = append(a.tenant, r.Tenant), append(a.id, r.ID), append(a.organization, r.OrganizationID)
	a.version, a.position = append(a.version, int64(r.Version)), append(a.position, int64(r.Position))
	a.state, a.kind, a.gender = append(a.state, r.State), append(a.kind, r.Kind), append(a.gender, r.Gender)
	a.username, a.given, a.family = append(a.username, r.Username), append(a.given, r.GivenName), append(a.family, r.FamilyName)
	a.nick, a.display = append(a.nick, r.NickName), append(a.display, r.DisplayName)
	a.language = append(a.language, r.PreferredLanguage)
	a.email, a.emailVerified = append(a.email, r.Email), append(a.emailVerified, r.EmailVerified)
	a.phone, a.phoneVerified = append(a.phone, r.Phone), append(a.phoneVerified, r.PhoneVerified)
	a.hasPassword = append(a.hasPassword, r.HasPassword)
	a.changeRequired = append(a.changeRequired, r.PasswordChangeRequired)
	a.passwordChanged = append(a.passwordChanged, r.PasswordChangedAt)
	a.mfaInitSkipped = append(a.mfaInitSkipped, r.MFAInitSkippedAt)
	a.machine, a.describe = append(a.machine, r.MachineName), append(a.describe, r.MachineDescription)
	a.hasSecret, a.signedTokens = append(a.hasSecret, r.HasSecret), append(a.signedTokens, r.SignedTokens)
	a.created, a.changed = append(a.created, r.CreatedAt), append(a.changed, r.ChangedAt)
	a.lowUsername = append(a.lowUsername, strings.ToLower(r.Username))
	a.lowGiven, a.lowFamily = append(a.lowGiven, strings.ToLower(r.GivenName)), append(a.lowFamily, strings.ToLower(r.FamilyName))
	a.lowNick, a.lowDisplay = append(a.lowNick, strings.ToLower(r.NickName)), append(a.lowDisplay, strings.ToLower(r.DisplayName))
	a.lowEmail = append(a.lowEmail, strings.ToLower(r.Email))
	a.born, a.avatar = append(a.born, int64(r.Born)), append(a.avatar, r.Avatar)
}

func (a *arrays) args() []any {
	return []any{
		a.tenant, a.id, a.organization, a.version, a.position, a.state, a.kind, a.username, a.given, a.family, a.nick,
		a.display, a.language, a.gender, a.email, a.emailVerified, a.phone, a.phoneVerified, a.hasPassword,
		a.changeRequired, a.passwordChanged, a.mfaInitSkipped, a.machine, a.describe, a.hasSecret, a.signedTokens, a.created, a.changed,
		a.born, a.avatar, a.lowUsername, a.lowGiven, a.lowFamily, a.lowNick, a.lowDisplay, a.lowEmail,
	}
}
