package notification

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/notification/channel"
)

// topic is a kind of code, or of notice: which event announces it, and which later events of the user make it void.
type topic struct {
	kind    channel.Kind
	event   string
	voiding []string
	// ending are the events that make void only the code whose id they name; of such codes several may be pending.
	ending []string
	// A notice has no code: it tells what has happened, goes by email to the address of that time, and no event but the user's removal
	// makes it void. It is due if there is a deliverable, and while that lives.
	notice bool
}

// noticeLife is how long a notice can be due. Older events are passed over.
const noticeLife = 72 * time.Hour

// Types of user events that the notifier looks at.
const (
	typeHumanAdded      = "user.human.added"
	typeUsernameChanged = "user.username.changed"
	typeProfileChanged  = "user.profile.changed"
	typeRemoved         = "user.removed"

	typeEmailChanged     = "user.email.changed"
	typeEmailCodeAdded   = "user.email.code.added"
	typeEmailVerified    = "user.email.verified"
	typeEmailCodeBlocked = "user.email.code.blocked"

	typePhoneChanged     = "user.phone.changed"
	typePhoneCodeAdded   = "user.phone.code.added"
	typePhoneVerified    = "user.phone.verified"
	typePhoneRemoved     = "user.phone.removed"
	typePhoneCodeBlocked = "user.phone.code.blocked"

	typePasswordChanged     = "user.password.changed"
	typePasswordCodeAdded   = "user.password.code.added"
	typePasswordCodeBlocked = "user.password.code.blocked"

	typeInviteCodeAdded   = "user.invite.code.added"
	typeInviteAccepted    = "user.invite.accepted"
	typeInviteCodeBlocked = "user.invite.code.blocked"

	typePasskeyCodeAdded   = "user.passkey.code.added"
	typePasskeyCodeUsed    = "user.passkey.code.used"
	typePasskeyCodeBlocked = "user.passkey.code.blocked"

	typeOTPSMSRemoved       = "user.otp.sms.removed"
	typeOTPSMSCodeAdded     = "user.otp.sms.code.added"
	typeOTPSMSCodeUsed      = "user.otp.sms.code.used"
	typeOTPSMSCodeBlocked   = "user.otp.sms.code.blocked"
	typeOTPEmailRemoved     = "user.otp.email.removed"
	typeOTPEmailCodeAdded   = "user.otp.email.code.added"
	typeOTPEmailCodeUsed    = "user.otp.email.code.used"
	typeOTPEmailCodeBlocked = "user.otp.email.code.blocked"
)

// topicOf returns the topic that an event type announces.
func topicOf(eventType string) (topic, bool) {
	switch eventType {
	case typeEmailCodeAdded:
		return topic{kind: channel.EmailVerification, event: eventType, voiding: []string{
			typeEmailCodeAdded, typeEmailChanged, typeEmailVerified, typeEmailCodeBlocked,
		}}, true
	case typePhoneCodeAdded:
		return topic{kind: channel.PhoneVerification, event: eventType, voiding: []string{
			typePhoneCodeAdded, typePhoneChanged, typePhoneVerified, typePhoneRemoved, typePhoneCodeBlocked,
		}}, true
	case typePasswordCodeAdded:
		return topic{kind: channel.PasswordReset, event: eventType, voiding: []string{
			typePasswordCodeAdded, typePasswordChanged, typePasswordCodeBlocked,
		}}, true
	case typePasswordChanged:
		return topic{kind: channel.PasswordChanged, event: eventType, notice: true}, true
	case typeInviteCodeAdded:
		return topic{kind: channel.Invitation, event: eventType, voiding: []string{
			typeInviteCodeAdded, typeInviteAccepted, typeInviteCodeBlocked,
		}}, true
	case typePasskeyCodeAdded:
		return topic{kind: channel.PasskeyRegistration, event: eventType, ending: []string{
			typePasskeyCodeUsed, typePasskeyCodeBlocked,
		}}, true
	case typeOTPSMSCodeAdded:
		return topic{kind: channel.SignIn, event: eventType, voiding: []string{typeOTPSMSRemoved}, ending: []string{
			typeOTPSMSCodeUsed, typeOTPSMSCodeBlocked,
		}}, true
	case typeOTPEmailCodeAdded:
		return topic{kind: channel.SignIn, event: eventType, voiding: []string{typeOTPEmailRemoved}, ending: []string{
			typeOTPEmailCodeUsed, typeOTPEmailCodeBlocked,
		}}, true
	}
	return topic{}, false
}

// voidedBy reports whether a later event of the user makes the code void. Every code dies with the address it was meant for:
// whoever holds the old one must not get it.
func (t topic) voidedBy(eventType string, ch channel.Channel) bool {
	if t.notice {
		return false
	}
	if slices.Contains(t.voiding, eventType) {
		return true
	}
	if ch == channel.Email {
		return eventType == typeEmailChanged
	}
	return eventType == typePhoneChanged || eventType == typePhoneRemoved
}

var errNoCode = errors.New("notification: event announces no code")

// codeOf returns the code a decoded event announces.
func codeOf(msg proto.Message) (*eventv1.Code, error) {
	var code *eventv1.Code
	if m, ok := msg.(interface{ GetCode() *eventv1.Code }); ok {
		code = m.GetCode()
	}
	if code == nil || code.ExpiresAt == nil {
		return nil, fmt.Errorf("%w: %T", errNoCode, msg)
	}
	return code, nil
}

// codeIDOf returns the id by which a decoded event names a code, "" if it names none.
func codeIDOf(msg proto.Message) string {
	if m, ok := msg.(interface{ GetCodeId() string }); ok {
		return m.GetCodeId()
	}
	return ""
}

// applicationOf returns the application that a decoded event invites to, "" if it names none.
func applicationOf(msg proto.Message) string {
	if m, ok := msg.(interface{ GetApplicationName() string }); ok {
		return m.GetApplicationName()
	}
	return ""
}

// channelOf returns the channel a code travels by; false when it stays with the caller.
func channelOf(medium eventv1.CodeMedium) (channel.Channel, bool) {
	switch medium {
	case eventv1.CodeMedium_CODE_MEDIUM_EMAIL:
		return channel.Email, true
	case eventv1.CodeMedium_CODE_MEDIUM_SMS:
		return channel.SMS, true
	}
	return "", false
}
