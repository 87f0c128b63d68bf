package users

import (
	"encoding/hex"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
)

var (
	errNoUser  = errors.New("the user was never added")
	errExists  = errors.New("the user is added a second time")
	errMeaning = errors.New("the reducer failed on it")
)

// Apply is the reducer: it returns the row as it is after an event. It is pure, and an error leaves nothing changed.
func Apply(row Row, msg proto.Message, ev *eventstore.Event) (next Row, err error) {
	defer func() {
		// A fault of the reducer stops one stream, not the process on every start. The value may quote the event.
		if recover() != nil {
			next, err = row, errMeaning
		}
	}()
	next = row
	next.advance(ev)
	if err := next.fold(msg, ev); err != nil {
		return row, err
	}
	return next, nil
}

// advance counts an event.
func (r *Row) advance(ev *eventstore.Event) {
	r.Tenant, r.ID = ev.Stream.Tenant, ev.Stream.ID
	r.Version, r.Position, r.ChangedAt = ev.Version, ev.Position, ev.RecordedAt
}

func (r *Row) fold(msg proto.Message, ev *eventstore.Event) error {
	switch m := msg.(type) {
	case *eventv1.UserHumanAdded:
		return r.addHuman(m, ev)
	case *eventv1.UserMachineAdded:
		return r.addMachine(m, ev)
	}
	if r.State == 0 {
		return errNoUser
	}
	if r.State == stateDeleted {
		return nil // what is said about a user after the end changes nothing
	}
	switch m := msg.(type) {
	case *eventv1.UserUsernameChanged:
		r.Username = m.GetUsername()
	case *eventv1.UserProfileChanged:
		r.setProfile(m.GetProfile())
	case *eventv1.UserEmailChanged:
		r.Email, r.EmailVerified = m.GetEmail(), false
	case *eventv1.UserEmailVerified:
		r.EmailVerified = true
	case *eventv1.UserPhoneChanged:
		r.Phone, r.PhoneVerified = m.GetPhone(), false
	case *eventv1.UserPhoneVerified:
		r.PhoneVerified = true
	case *eventv1.UserPhoneRemoved:
		r.Phone, r.PhoneVerified = "", false
	case *eventv1.UserPasswordChanged:
		at := ev.RecordedAt
		r.HasPassword, r.PasswordChangeRequired, r.PasswordChangedAt = true, m.GetChangeRequired(), &at
	case *eventv1.UserMFAInitSkipped:
		at := ev.RecordedAt
		r.MFAInitSkippedAt = &at
	case *eventv1.UserWebAuthnVerified, *eventv1.UserTOTPVerified, *eventv1.UserOTPSMSAdded, *eventv1.UserOTPEmailAdded:
		r.MFAInitSkippedAt = nil
	default:
		r.foldState(msg)
	}
	return nil
}

func (r *Row) foldState(msg proto.Message) {
	switch m := msg.(type) {
	case *eventv1.UserAvatarSet:
		r.Avatar = hex.EncodeToString(m.GetSha256())
	case *eventv1.UserAvatarRemoved:
		r.Avatar = ""
	case *eventv1.UserMachineChanged:
		r.MachineName, r.MachineDescription, r.SignedTokens = m.GetName(), m.GetDescription(), m.GetSignedTokens()
	case *eventv1.UserMachineSecretSet:
		r.HasSecret = true
	case *eventv1.UserMachineSecretRemoved:
		r.HasSecret = false
	case *eventv1.UserDeactivated:
		r.State = stateInactive
	case *eventv1.UserReactivated, *eventv1.UserUnlocked:
		r.State = stateActive
	case *eventv1.UserLocked:
		r.State = stateLocked
	case *eventv1.UserRemoved:
		r.end()
	default:
		// Codes, throttling, what belongings keeps: the row shows nothing of them but that the stream went on.
	}
}

// added starts the row anew, for the first time or after the end of a former user of the same id.
func (r *Row) added(organization string, kind int16, at time.Time) error {
	if r.exists() {
		return errExists
	}
	*r = Row{
		Tenant: r.Tenant, ID: r.ID, OrganizationID: organization, Version: r.Version, Position: r.Position,
		State: stateActive, Kind: kind, CreatedAt: at, ChangedAt: at, Born: r.Version,
	}
	return nil
}

func (r *Row) addHuman(m *eventv1.UserHumanAdded, ev *eventstore.Event) error {
	if err := r.added(m.GetOrganizationId(), kindHuman, ev.RecordedAt); err != nil {
		return err
	}
	r.Username, r.Email, r.Phone = m.GetUsername(), m.GetEmail(), m.GetPhone()
	r.setProfile(m.GetProfile())
	return nil
}

func (r *Row) addMachine(m *eventv1.UserMachineAdded, ev *eventstore.Event) error {
	if err := r.added(m.GetOrganizationId(), kindMachine, ev.RecordedAt); err != nil {
		return err
	}
	r.Username, r.MachineName, r.MachineDescription = m.GetUsername(), m.GetName(), m.GetDescription()
	r.SignedTokens = m.GetSignedTokens()
	return nil
}

func (r *Row) setProfile(p *eventv1.Profile) {
	r.GivenName, r.FamilyName, r.NickName, r.DisplayName = p.GetGivenName(), p.GetFamilyName(), p.GetNickName(), p.GetDisplayName()
	r.PreferredLanguage, r.Gender = p.GetPreferredLanguage(), int16(p.GetGender())
}

// skip counts an event that an operator lets pass unread. A stream that begins with one has a tombstone for a user.
func skip(row Row, ev *eventstore.Event) Row {
	row.advance(ev)
	if row.State == 0 {
		row.State, row.Kind, row.CreatedAt = stateDeleted, kindHuman, ev.RecordedAt
	}
	return row
}
