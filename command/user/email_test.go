package user_test

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestEmailCommands(t *testing.T) {
	t.Parallel()
	set := func(email string, v user.Verification) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.SetEmail(ctx, as, user.SetEmail{UserID: "minnie", Email: email, Verification: v})
			return returned(out.Code, v, err)
		}
	}
	send := func(v user.Verification) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.SendEmailCode(ctx, as, user.RequestCode{UserID: "minnie", Verification: v})
			return returned(out.Code, v, err)
		}
	}
	resend := func(v user.Verification) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.ResendEmailCode(ctx, as, user.RequestCode{UserID: "minnie", Verification: v})
			return returned(out.Code, v, err)
		}
	}
	active := []proto.Message{person()}
	pending := []proto.Message{person(), &eventv1.UserEmailCodeAdded{Code: &eventv1.Code{}}}
	blocked := []proto.Message{person(), &eventv1.UserEmailCodeAdded{Code: &eventv1.Code{}}, &eventv1.UserEmailCodeBlocked{}}
	verified := []proto.Message{person(), &eventv1.UserEmailCodeAdded{Code: &eventv1.Code{}}, &eventv1.UserEmailVerified{}}
	machine := []proto.Message{program()}
	removed := []proto.Message{person(), &eventv1.UserRemoved{}}
	changed := []string{"user.email.changed", "user.email.code.added"}

	run(t, []scenario{
		{"set", active, admin(), set("new@mouse.com", nil), changed, nil},
		{"set by oneself", active, minnie(), set("new@mouse.com", user.Send{URLTemplate: "https://x.y/{{.Code}}"}), changed, nil},
		{"set and return the code", active, admin(), set("new@mouse.com", user.Return{}), changed, nil},
		{"set as verified", active, admin(), set("new@mouse.com", user.Verified{}), []string{"user.email.changed", "user.email.verified"}, nil},
		{"set as verified by oneself", active, minnie(), set("new@mouse.com", user.Verified{}), nil, permission.ErrDenied},
		{"set by oneself and return the code", active, minnie(), set("new@mouse.com", user.Return{}), nil, permission.ErrDenied},
		{"set as unverified", active, admin(), set("new@mouse.com", user.Unverified{}), nil, user.ErrVerification},
		{"set the same", active, admin(), set("minnie@mouse.com", nil), nil, user.ErrEmailNotChanged},
		{"set the same as verified", active, admin(), set("minnie@mouse.com", user.Verified{}), nil, user.ErrEmailNotChanged},
		{"set in another case", active, admin(), set("Minnie@mouse.com", nil), changed, nil},
		{"set malformed", active, admin(), set("minnie", nil), nil, user.ErrEmailInvalid},
		{"set empty", active, admin(), set("", nil), nil, user.ErrEmailEmpty},
		{"set with a bad template, of nobody", nil, admin(), set("new@mouse.com", user.Send{URLTemplate: "{{"}), nil, user.ErrInvalidTemplate},
		{"set of a machine", machine, admin(), set("new@mouse.com", nil), nil, user.ErrEmailNotFound},
		{"set of nobody", nil, admin(), set("new@mouse.com", nil), nil, user.ErrEmailNotFound},
		{"set of a removed user", removed, admin(), set("new@mouse.com", nil), nil, user.ErrEmailNotFound},

		{"send", active, admin(), send(nil), []string{"user.email.code.added"}, nil},
		{"send and return", active, owner(), send(user.Return{}), []string{"user.email.code.added"}, nil},
		{"send by oneself", active, minnie(), send(nil), []string{"user.email.code.added"}, nil},
		{"send and return to oneself", active, minnie(), send(user.Return{}), nil, permission.ErrDenied},
		{"send where one is pending", pending, admin(), send(nil), []string{"user.email.code.added"}, nil},
		{"send to a verified address", verified, admin(), send(nil), []string{"user.email.code.added"}, nil},
		{"send verified", active, admin(), send(user.Verified{}), nil, user.ErrVerification},
		{"send with a bad template", active, admin(), send(user.Send{URLTemplate: "{{.X}}"}), nil, user.ErrInvalidTemplate},
		{"send to nobody", nil, admin(), send(nil), nil, user.ErrEmailNotFound},

		{"resend", pending, admin(), resend(nil), []string{"user.email.code.added"}, nil},
		{"resend by oneself", pending, minnie(), resend(nil), []string{"user.email.code.added"}, nil},
		{"resend and return to oneself", pending, minnie(), resend(user.Return{}), nil, permission.ErrDenied},
		{"resend after too many guesses", blocked, admin(), resend(nil), []string{"user.email.code.added"}, nil},
		{"resend where none is pending", active, admin(), resend(nil), nil, user.ErrNoCode},
		{"resend to a verified address", verified, admin(), resend(nil), nil, user.ErrNoCode},
		{"resend to nobody", nil, admin(), resend(nil), nil, user.ErrEmailNotFound},
	})
}

// returned checks that a code is in the answer exactly if it was asked for.
func returned(code string, v user.Verification, err error) error {
	_, want := v.(user.Return)
	if err == nil && want != (code != "") {
		return errors.New("the answer has a code that was not asked for, or lacks one")
	}
	if err != nil && code != "" {
		return errors.New("a refusal with a code")
	}
	return err
}
