package users

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
)

// at is the time of the event with this version.
func at(version int) time.Time {
	return time.Date(2026, 3, 1, 12, version, 0, 0, time.UTC)
}

// given folds a history of one user, from version 1 and position 10 on.
func given(t *testing.T, history ...proto.Message) (Row, error) {
	t.Helper()
	var row Row
	for i, msg := range history {
		version := i + 1
		ev := eventstore.Event{
			Stream:  eventstore.StreamID{Tenant: "default", Kind: "user", ID: "u1"},
			Version: uint64(version), Position: eventstore.Position(10 * version), RecordedAt: at(version),
		}
		next, err := Apply(row, msg, &ev)
		if err != nil {
			if !reflect.DeepEqual(next, row) {
				t.Errorf("a refused event changed the row: %+v", next)
			}
			return row, err
		}
		row = next
	}
	return row, nil
}

func human() *eventv1.UserHumanAdded {
	return &eventv1.UserHumanAdded{
		OrganizationId: "o1", Username: "Ada", Email: "Ada@Example.com", Phone: "+41791234567",
		Profile: &eventv1.Profile{
			GivenName: "Ada", FamilyName: "Lovelace", NickName: "al", DisplayName: "Ada Lovelace", PreferredLanguage: "en",
			Gender: eventv1.Gender_GENDER_FEMALE,
		},
	}
}

// ada is the row after human, at a version.
func ada(version int, change func(*Row)) Row {
	row := Row{
		Tenant: "default", ID: "u1", OrganizationID: "o1", Version: uint64(version), Position: eventstore.Position(10 * version),
		State: stateActive, Kind: kindHuman, Username: "Ada", GivenName: "Ada", FamilyName: "Lovelace", NickName: "al",
		DisplayName: "Ada Lovelace", PreferredLanguage: "en", Gender: 1, Email: "Ada@Example.com", Phone: "+41791234567",
		CreatedAt: at(1), ChangedAt: at(version), Born: 1,
	}
	if change != nil {
		change(&row)
	}
	return row
}

func TestFold(t *testing.T) {
	t.Parallel()
	third := at(3)
	second := at(2)
	tombstone := func(version int) Row {
		return Row{
			Tenant: "default", ID: "u1", OrganizationID: "o1", Version: uint64(version), Position: eventstore.Position(10 * version),
			State: stateDeleted, Kind: kindHuman, CreatedAt: at(1), ChangedAt: at(version), Born: 1,
		}
	}
	for name, c := range map[string]struct {
		given []proto.Message
		then  Row
	}{
		"a human is added": {
			[]proto.Message{human()}, ada(1, nil),
		},
		"a human without a phone, erased": {
			[]proto.Message{&eventv1.UserHumanAdded{OrganizationId: "o1"}},
			Row{Tenant: "default", ID: "u1", OrganizationID: "o1", Version: 1, Position: 10, State: stateActive, Kind: kindHuman, CreatedAt: at(1), ChangedAt: at(1), Born: 1},
		},
		"a machine is added": {
			[]proto.Message{&eventv1.UserMachineAdded{OrganizationId: "o1", Username: "ci", Name: "CI", Description: "builds"}},
			Row{
				Tenant: "default", ID: "u1", OrganizationID: "o1", Version: 1, Position: 10, State: stateActive, Kind: kindMachine,
				Username: "ci", MachineName: "CI", MachineDescription: "builds", CreatedAt: at(1), ChangedAt: at(1), Born: 1,
			},
		},
		"the username changes": {
			[]proto.Message{human(), &eventv1.UserUsernameChanged{Username: "countess"}},
			ada(2, func(r *Row) { r.Username = "countess" }),
		},
		"the profile is replaced whole": {
			[]proto.Message{human(), &eventv1.UserProfileChanged{Profile: &eventv1.Profile{GivenName: "Augusta", DisplayName: "A.", Gender: eventv1.Gender_GENDER_DIVERSE}}},
			ada(2, func(r *Row) {
				r.GivenName, r.FamilyName, r.NickName, r.DisplayName, r.PreferredLanguage, r.Gender = "Augusta", "", "", "A.", "", 3
			}),
		},
		"the email is verified": {
			[]proto.Message{human(), &eventv1.UserEmailVerified{}},
			ada(2, func(r *Row) { r.EmailVerified = true }),
		},
		"a new email is unverified": {
			[]proto.Message{human(), &eventv1.UserEmailVerified{}, &eventv1.UserEmailChanged{Email: "a@b.c"}},
			ada(3, func(r *Row) { r.Email = "a@b.c" }),
		},
		"the phone is verified": {
			[]proto.Message{human(), &eventv1.UserPhoneVerified{}},
			ada(2, func(r *Row) { r.PhoneVerified = true }),
		},
		"a new phone is unverified": {
			[]proto.Message{human(), &eventv1.UserPhoneVerified{}, &eventv1.UserPhoneChanged{Phone: "+4930123456"}},
			ada(3, func(r *Row) { r.Phone = "+4930123456" }),
		},
		"the phone is removed": {
			[]proto.Message{human(), &eventv1.UserPhoneVerified{}, &eventv1.UserPhoneRemoved{}},
			ada(3, func(r *Row) { r.Phone = "" }),
		},
		"a password is set, to be changed": {
			[]proto.Message{human(), &eventv1.UserPasswordChanged{ChangeRequired: true}},
			ada(2, func(r *Row) { r.HasPassword, r.PasswordChangeRequired, r.PasswordChangedAt = true, true, &second }),
		},
		"and is changed": {
			[]proto.Message{human(), &eventv1.UserPasswordChanged{ChangeRequired: true}, &eventv1.UserPasswordChanged{}},
			ada(3, func(r *Row) { r.HasPassword, r.PasswordChangedAt = true, &third }),
		},
		"the set-up of a second factor is put off": {
			[]proto.Message{human(), &eventv1.UserMFAInitSkipped{}}, ada(2, func(r *Row) { r.MFAInitSkippedAt = &second }),
		},
		"and done with TOTP": {
			[]proto.Message{human(), &eventv1.UserMFAInitSkipped{}, &eventv1.UserTOTPVerified{}}, ada(3, nil),
		},
		"and done with an authenticator": {
			[]proto.Message{human(), &eventv1.UserMFAInitSkipped{}, &eventv1.UserWebAuthnVerified{}}, ada(3, nil),
		},
		"and done with codes by SMS": {
			[]proto.Message{human(), &eventv1.UserMFAInitSkipped{}, &eventv1.UserOTPSMSAdded{}}, ada(3, nil),
		},
		"and done with codes by email": {
			[]proto.Message{human(), &eventv1.UserMFAInitSkipped{}, &eventv1.UserOTPEmailAdded{}}, ada(3, nil),
		},
		"a machine changes and gets a secret": {
			[]proto.Message{
				&eventv1.UserMachineAdded{OrganizationId: "o1", Username: "ci", Name: "CI"},
				&eventv1.UserMachineChanged{Name: "CD", Description: "deploys", SignedTokens: true}, &eventv1.UserMachineSecretSet{},
			},
			Row{
				Tenant: "default", ID: "u1", OrganizationID: "o1", Version: 3, Position: 30, State: stateActive, Kind: kindMachine,
				Username: "ci", MachineName: "CD", MachineDescription: "deploys", HasSecret: true, SignedTokens: true, CreatedAt: at(1), ChangedAt: at(3), Born: 1,
			},
		},
		"and loses it": {
			[]proto.Message{
				&eventv1.UserMachineAdded{OrganizationId: "o1"}, &eventv1.UserMachineSecretSet{}, &eventv1.UserMachineSecretRemoved{},
			},
			Row{
				Tenant: "default", ID: "u1", OrganizationID: "o1", Version: 3, Position: 30, State: stateActive, Kind: kindMachine,
				CreatedAt: at(1), ChangedAt: at(3), Born: 1,
			},
		},
		"deactivated": {
			[]proto.Message{human(), &eventv1.UserDeactivated{}}, ada(2, func(r *Row) { r.State = stateInactive }),
		},
		"deactivated and reactivated": {
			[]proto.Message{human(), &eventv1.UserDeactivated{}, &eventv1.UserReactivated{}}, ada(3, nil),
		},
		"locked": {
			[]proto.Message{human(), &eventv1.UserLocked{}}, ada(2, func(r *Row) { r.State = stateLocked }),
		},
		"locked and unlocked": {
			[]proto.Message{human(), &eventv1.UserLocked{}, &eventv1.UserUnlocked{}}, ada(3, nil),
		},
		"a picture": {
			[]proto.Message{human(), &eventv1.UserAvatarSet{Sha256: []byte{0xab, 1}}}, ada(2, func(r *Row) { r.Avatar = "ab01" }),
		},
		"a picture, removed": {
			[]proto.Message{human(), &eventv1.UserAvatarSet{Sha256: []byte{0xab, 1}}, &eventv1.UserAvatarRemoved{}}, ada(3, nil),
		},
		"removed: nothing personal stays": {
			[]proto.Message{human(), &eventv1.UserPasswordChanged{}, &eventv1.UserRemoved{}}, tombstone(3),
		},
		"what comes after the end only counts": {
			[]proto.Message{human(), &eventv1.UserRemoved{}, &eventv1.UserTokenRemoved{TokenId: "t"}, &eventv1.UserReactivated{}},
			tombstone(4),
		},
		"added again under the same id": {
			[]proto.Message{human(), &eventv1.UserPasswordChanged{}, &eventv1.UserRemoved{}, &eventv1.UserMachineAdded{OrganizationId: "o2", Name: "m"}},
			Row{
				Tenant: "default", ID: "u1", OrganizationID: "o2", Version: 4, Position: 40, State: stateActive, Kind: kindMachine,
				MachineName: "m", CreatedAt: at(4), ChangedAt: at(4), Born: 4,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row, err := given(t, c.given...)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(row, c.then) {
				t.Errorf("got  %+v\nwant %+v", row, c.then)
			}
		})
	}
}

func TestEventsThatShowNothingStillCount(t *testing.T) {
	t.Parallel()
	for _, msg := range []proto.Message{
		&eventv1.UserEmailCodeAdded{Code: &eventv1.Code{Digest: []byte("d")}}, &eventv1.UserEmailCodeBlocked{Attempts: 5},
		&eventv1.UserPhoneCodeAdded{}, &eventv1.UserPhoneCodeBlocked{}, &eventv1.UserPasswordCodeAdded{},
		&eventv1.UserPasswordCodeBlocked{}, &eventv1.UserPasswordThrottled{}, &eventv1.UserMetadataSet{Key: "k"},
		&eventv1.UserTokenAdded{TokenId: "t"}, &eventv1.UserTokenRemoved{TokenId: "t"}, &eventv1.UserMetadataRemoved{Key: "k"},
		&eventv1.UserWebAuthnAdded{}, &eventv1.UserWebAuthnUsed{}, &eventv1.UserWebAuthnCloneSuspected{}, &eventv1.UserWebAuthnRemoved{},
		&eventv1.UserPasskeyCodeAdded{}, &eventv1.UserPasskeyCodeUsed{}, &eventv1.UserPasskeyCodeBlocked{}, &eventv1.UserTOTPAdded{},
		&eventv1.UserTOTPRemoved{}, &eventv1.UserTOTPThrottled{}, &eventv1.UserOTPSMSRemoved{}, &eventv1.UserOTPEmailRemoved{},
		&eventv1.UserRecoveryCodesAdded{}, &eventv1.UserRecoveryCodeUsed{}, &eventv1.UserRecoveryCodesRemoved{},
		&eventv1.UserInviteCodeAdded{}, &eventv1.UserInviteCodeBlocked{}, &eventv1.UserInviteAccepted{}, &eventv1.UserIDPLinked{},
		&eventv1.UserIDPUnlinked{}, &eventv1.UserMachineKeyAdded{}, &eventv1.UserMachineKeyRemoved{},
	} {
		row, err := given(t, human(), msg)
		if err != nil {
			t.Fatal(err)
		}
		if want := ada(2, nil); !reflect.DeepEqual(row, want) {
			t.Errorf("%T: got %+v", msg, row)
		}
	}
}

func TestFoldRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given []proto.Message
		want  error
	}{
		"a change of nobody":     {[]proto.Message{&eventv1.UserEmailVerified{}}, errNoUser},
		"a second human":         {[]proto.Message{human(), human()}, errExists},
		"a machine over a human": {[]proto.Message{human(), &eventv1.UserMachineAdded{}}, errExists},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := given(t, c.given...); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestSkippedFirstEventLeavesATombstone(t *testing.T) {
	t.Parallel()
	ev := eventstore.Event{Stream: eventstore.StreamID{Tenant: "default", Kind: "user", ID: "u1"}, Version: 1, Position: 10, RecordedAt: at(1)}
	row := skip(Row{}, &ev)
	if row.State != stateDeleted || row.Version != 1 || row.Position != 10 {
		t.Errorf("got %+v", row)
	}
	ev.Version, ev.Position = 2, 20
	next, err := Apply(row, &eventv1.UserEmailVerified{}, &ev)
	if err != nil || next.Version != 2 {
		t.Errorf("the stream does not go on: %+v, %v", next, err)
	}
}
