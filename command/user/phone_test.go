package user_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestPhoneCommands(t *testing.T) {
	t.Parallel()
	set := func(phone string, v user.Verification) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.SetPhone(ctx, as, user.SetPhone{UserID: "minnie", Phone: phone, Verification: v})
			return returned(out.Code, v, err)
		}
	}
	resend := func(v user.Verification) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.ResendPhoneCode(ctx, as, user.RequestCode{UserID: "minnie", Verification: v})
			return returned(out.Code, v, err)
		}
	}
	remove := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.RemovePhone(ctx, as, "minnie")
		return err
	}
	active := []proto.Message{person()}
	phoned := []proto.Message{person(), &eventv1.UserPhoneChanged{Phone: "+41791234567"}}
	pending := append(slices.Clone(phoned), &eventv1.UserPhoneCodeAdded{Code: &eventv1.Code{}})
	gone := append(slices.Clone(phoned), &eventv1.UserPhoneRemoved{})
	machine := []proto.Message{program()}
	changed := []string{"user.phone.changed", "user.phone.code.added"}

	run(t, []scenario{
		{"set", active, admin(), set("079 123 45 67", nil), changed, nil},
		{"set by oneself", active, minnie(), set("+41791234567", user.Send{}), changed, nil},
		{"set by oneself and return the code", active, minnie(), set("+41791234567", user.Return{}), nil, permission.ErrDenied},
		{"set and return the code", active, admin(), set("+41791234567", user.Return{}), changed, nil},
		{"set as verified", active, admin(), set("+41791234567", user.Verified{}), []string{"user.phone.changed", "user.phone.verified"}, nil},
		{"set as verified by oneself", active, minnie(), set("+41791234567", user.Verified{}), nil, permission.ErrDenied},
		{"set as unverified", active, admin(), set("+41791234567", user.Unverified{}), nil, user.ErrVerification},
		{"set the same in another form", phoned, admin(), set("079 123 45 67", nil), nil, user.ErrPhoneNotChanged},
		{"set malformed", active, admin(), set("phone", nil), nil, user.ErrPhoneInvalid},
		{"set of a machine", machine, admin(), set("+41791234567", nil), nil, user.ErrPhoneNotFound},
		{"set of nobody", nil, admin(), set("+41791234567", nil), nil, user.ErrPhoneNotFound},

		{"resend", pending, admin(), resend(nil), []string{"user.phone.code.added"}, nil},
		{"resend by oneself", pending, minnie(), resend(nil), []string{"user.phone.code.added"}, nil},
		{"resend and return to oneself", pending, minnie(), resend(user.Return{}), nil, permission.ErrDenied},
		{"resend where none is pending", phoned, admin(), resend(nil), nil, user.ErrNoCode},
		{"resend without a phone", active, admin(), resend(nil), nil, user.ErrNoCode},
		{"resend to nobody", nil, admin(), resend(nil), nil, user.ErrPhoneNotFound},

		{"remove", phoned, minnie(), remove, []string{"user.phone.removed"}, nil},
		{"remove where there is none", active, admin(), remove, nil, user.ErrNoPhone},
		{"remove twice", gone, admin(), remove, nil, user.ErrNoPhone},
		{"remove of nobody", nil, admin(), remove, nil, user.ErrPhoneNotFound},
	})
}
