package user

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

// ends reports whether an event ends the sessions of its user.
func ends(e proto.Message) bool {
	switch e.(type) {
	case *eventv1.UserHumanAdded, *eventv1.UserMachineAdded, *eventv1.UserRemoved, *eventv1.UserLocked, *eventv1.UserDeactivated,
		*eventv1.UserPasswordChanged, *eventv1.UserMachineSecretSet, *eventv1.UserMachineSecretRemoved:
		return true
	}
	return false
}

// Whatever happens, sessions are good since the last event that ends them, and nobody signs in who is not active.
func TestSessionsSince(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var state State
		var since uint64
		others := []proto.Message{&eventv1.UserPasswordRehashed{Hash: "new"}, &eventv1.UserPasswordThrottled{}, &eventv1.UserOTPSMSRemoved{},
			&eventv1.UserMachineSecretSet{Hash: "new"}, &eventv1.UserMachineSecretRemoved{}}
		any := rapid.OneOf(events(), rapid.SampledFrom(others))
		for i, e := range rapid.SliceOfN(any, 0, 40).Draw(t, "history") {
			state = fold(state, e, at(i))
			if ends(e) {
				since = uint64(i) + 1
			}
			if state.SessionsSince != since {
				t.Fatalf("after %T sessions are good since %d, want %d", e, state.SessionsSince, since)
			}
			if state.CanSignIn() != (state.Lifecycle == Active) {
				t.Fatalf("%d can sign in: %t", state.Lifecycle, state.CanSignIn())
			}
		}
	})
}

func TestARehashedPasswordIsTheSamePassword(t *testing.T) {
	t.Parallel()
	before := State{Lifecycle: Active, PasswordHash: "old", ChangeRequired: true, SessionsSince: 1, PasswordCode: &Code{Digest: []byte("reset")}}
	after := fold(before, &eventv1.UserPasswordRehashed{Hash: "new"}, at(4))
	want := before
	want.PasswordHash = "new"
	if !reflect.DeepEqual(after, want) {
		t.Errorf("%+v, want %+v", after, want)
	}
}

// otpEvents draws what happens to codes that are sent, by SMS or by email.
func otpEvents() *rapid.Generator[proto.Message] {
	return rapid.Custom(func(t *rapid.T) proto.Message {
		id := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "id")
		code := &eventv1.Code{Digest: []byte(id), ExpiresAt: timestamppb.New(time.Unix(rapid.Int64Range(0, 60).Draw(t, "expires"), 0))}
		added := []proto.Message{&eventv1.UserOTPSMSCodeAdded{CodeId: id, Code: code}, &eventv1.UserOTPEmailCodeAdded{CodeId: id, Code: code}}
		return rapid.OneOf(rapid.SampledFrom(added), rapid.SampledFrom([]proto.Message{
			&eventv1.UserOTPSMSCodeUsed{CodeId: id}, &eventv1.UserOTPSMSCodeBlocked{CodeId: id}, &eventv1.UserOTPSMSRemoved{},
			&eventv1.UserOTPEmailCodeUsed{CodeId: id}, &eventv1.UserOTPEmailCodeBlocked{CodeId: id}, &eventv1.UserOTPEmailRemoved{},
			&eventv1.UserPhoneChanged{Phone: id}, &eventv1.UserPhoneRemoved{}, &eventv1.UserEmailChanged{Email: id}, &eventv1.UserRemoved{},
		})).Draw(t, "event")
	})
}

// There are never more than ten codes of a kind, what ends one leaves the others, and a state is never changed behind somebody's back.
func TestFoldOfCodesToSignInWith(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := State{Lifecycle: Active}
		for i, e := range rapid.SliceOfN(otpEvents(), 0, 60).Draw(t, "history") {
			before, sms, email := state, copied(state.OTPSMSCodes), copied(state.OTPEmailCodes)
			state = fold(state, e, at(i))
			if !reflect.DeepEqual(copied(before.OTPSMSCodes), sms) || !reflect.DeepEqual(copied(before.OTPEmailCodes), email) {
				t.Fatalf("%T changed the state before it", e)
			}
			if len(state.OTPSMSCodes) > maxOTPCodes || len(state.OTPEmailCodes) > maxOTPCodes {
				t.Fatalf("%d and %d codes", len(state.OTPSMSCodes), len(state.OTPEmailCodes))
			}
			otpCodesHoldTogether(t, &before, &state, e)
		}
	})
}

func otpCodesHoldTogether(t *rapid.T, before, after *State, e proto.Message) {
	sms, email := len(after.OTPSMSCodes), len(after.OTPEmailCodes)
	switch e := e.(type) {
	case *eventv1.UserOTPSMSRemoved, *eventv1.UserPhoneChanged, *eventv1.UserPhoneRemoved:
		if sms > 0 || email != len(before.OTPEmailCodes) {
			t.Fatalf("after %T: %d by SMS, %d by email", e, sms, email)
		}
	case *eventv1.UserOTPEmailRemoved, *eventv1.UserEmailChanged:
		if email > 0 || sms != len(before.OTPSMSCodes) {
			t.Fatalf("after %T: %d by SMS, %d by email", e, sms, email)
		}
	case *eventv1.UserRemoved:
		if sms > 0 || email > 0 {
			t.Fatalf("a removed user has %d codes by SMS, %d by email", sms, email)
		}
	case *eventv1.UserOTPSMSCodeAdded:
		if last := after.OTPSMSCodes[sms-1]; last.ID != e.GetCodeId() || last.Code.Blocked || email != len(before.OTPEmailCodes) {
			t.Fatalf("the newest code is %+v", last)
		}
	case *eventv1.UserOTPEmailCodeUsed:
		if slices.ContainsFunc(after.OTPEmailCodes, func(c OTPCode) bool { return c.ID == e.GetCodeId() }) {
			t.Fatal("a used code is left")
		}
	case *eventv1.UserOTPEmailCodeBlocked:
		for _, c := range after.OTPEmailCodes {
			if c.ID == e.GetCodeId() && !c.Code.Blocked {
				t.Fatal("a blocked code can be used")
			}
		}
	}
}

func copied(codes []OTPCode) []OTPCode {
	out := make([]OTPCode, len(codes))
	for i, c := range codes {
		code := *c.Code
		out[i] = OTPCode{ID: c.ID, Code: &code}
	}
	return out
}

func TestExpiredCodesLeaveWithTheNext(t *testing.T) {
	t.Parallel()
	added := func(id string, expires int64) proto.Message {
		return &eventv1.UserOTPEmailCodeAdded{CodeId: id, Code: &eventv1.Code{ExpiresAt: timestamppb.New(time.Unix(expires, 0))}}
	}
	var state State
	for i, e := range []proto.Message{added("short", 2), added("long", 50), added("next", 50)} { // at 0, 1 and 2 seconds
		state = fold(state, e, at(i))
	}
	var ids []string
	for _, c := range state.OTPEmailCodes {
		ids = append(ids, c.ID)
	}
	if !slices.Equal(ids, []string{"long", "next"}) {
		t.Errorf("left are %q", ids)
	}
}
