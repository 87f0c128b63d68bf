package user_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestSentOTPCommands(t *testing.T) {
	t.Parallel()
	when := func(f func(*user.Service, context.Context, *permission.Caller, string) (command.Receipt, error)) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := f(n.Users, ctx, as, "minnie")
			return err
		}
	}
	addSMS, removeSMS := when((*user.Service).AddOTPSMS), when((*user.Service).RemoveOTPSMS)
	addEmail, removeEmail := when((*user.Service).AddOTPEmail), when((*user.Service).RemoveOTPEmail)
	history := func(events ...proto.Message) []proto.Message { return append([]proto.Message{person()}, events...) }
	phone, verifiedPhone, otherPhone := &eventv1.UserPhoneChanged{Phone: "+41791234567"}, &eventv1.UserPhoneVerified{}, &eventv1.UserPhoneChanged{Phone: "+41791234568"}
	machine := []proto.Message{program()}

	run(t, []scenario{
		{"SMS", history(phone, verifiedPhone), admin(), addSMS, []string{"user.otp.sms.added"}, nil},
		{"SMS for oneself", history(phone, verifiedPhone), minnie(), addSMS, []string{"user.otp.sms.added"}, nil},
		{"SMS to a number that took the place of a verified one", history(phone, verifiedPhone, otherPhone), minnie(), addSMS, []string{"user.otp.sms.added"}, nil},
		{"SMS without a phone", history(), admin(), addSMS, nil, user.ErrOTPNotReady},
		{"SMS to a number that was never verified", history(phone), admin(), addSMS, nil, user.ErrOTPNotReady},
		{"SMS to a number that was removed", history(phone, verifiedPhone, &eventv1.UserPhoneRemoved{}), admin(), addSMS, nil, user.ErrOTPNotReady},
		{"SMS twice", history(phone, verifiedPhone, &eventv1.UserOTPSMSAdded{}), admin(), addSMS, nil, user.ErrOTPReady},
		{"SMS again", history(phone, verifiedPhone, &eventv1.UserOTPSMSAdded{}, &eventv1.UserOTPSMSRemoved{}), admin(), addSMS, []string{"user.otp.sms.added"}, nil},
		{"SMS for a machine", machine, admin(), addSMS, nil, user.ErrNotFound},
		{"no more SMS", history(phone, verifiedPhone, &eventv1.UserOTPSMSAdded{}), minnie(), removeSMS, []string{"user.otp.sms.removed"}, nil},
		{"no more SMS where there was none", history(phone, verifiedPhone), minnie(), removeSMS, nil, user.ErrOTPNotFound},
		{"no more SMS to a number that was removed", history(phone, verifiedPhone, &eventv1.UserOTPSMSAdded{}, &eventv1.UserPhoneRemoved{}), minnie(), removeSMS, nil, user.ErrOTPNotFound},

		{"email", history(&eventv1.UserEmailVerified{}), admin(), addEmail, []string{"user.otp.email.added"}, nil},
		{"email for oneself", history(&eventv1.UserEmailVerified{}), minnie(), addEmail, []string{"user.otp.email.added"}, nil},
		{"email to an address that was never verified", history(), admin(), addEmail, nil, user.ErrOTPNotReady},
		{"email although the phone is verified", history(phone, verifiedPhone), admin(), addEmail, nil, user.ErrOTPNotReady},
		{"email twice", history(&eventv1.UserEmailVerified{}, &eventv1.UserOTPEmailAdded{}), admin(), addEmail, nil, user.ErrOTPReady},
		{"email for nobody", nil, admin(), addEmail, nil, user.ErrNotFound},
		{"no more email", history(&eventv1.UserEmailVerified{}, &eventv1.UserOTPEmailAdded{}), admin(), removeEmail, []string{"user.otp.email.removed"}, nil},
		{"no more email where there was none", history(&eventv1.UserOTPSMSAdded{}), admin(), removeEmail, nil, user.ErrOTPNotFound},

		{"put off", history(), minnie(), when((*user.Service).SkipMFAInit), []string{"user.mfa.init.skipped"}, nil},
		{"put off again", history(&eventv1.UserMFAInitSkipped{}), admin(), when((*user.Service).SkipMFAInit), []string{"user.mfa.init.skipped"}, nil},
		{"put off by a machine", machine, admin(), when((*user.Service).SkipMFAInit), nil, user.ErrNotFound},
	})
}
