package user_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestChangeUsername(t *testing.T) {
	t.Parallel()
	to := func(name string) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.ChangeUsername(ctx, as, user.ChangeUsername{UserID: "minnie", Username: name})
			return err
		}
	}
	active, removed := []proto.Message{person()}, []proto.Message{person(), &eventv1.UserRemoved{}}
	changed := []string{"user.username.changed"}
	run(t, []scenario{
		{"by oneself", active, minnie(), to("mm"), changed, nil},
		{"by an owner", active, owner(), to(" mm "), changed, nil},
		{"of a machine", []proto.Message{program()}, minnie(), to("r2"), changed, nil},
		{"in another case", active, minnie(), to("Minnie"), changed, nil},
		{"the same", active, minnie(), to(" minnie "), nil, user.ErrNameNotChanged},
		{"of somebody else", active, minnie(), to("ADMIN"), nil, user.ErrUsernameTaken},
		{"blank", active, minnie(), to(" "), nil, user.ErrInvalidUsername},
		{"by somebody else", active, stranger(), to("mm"), nil, permission.ErrDenied},
		{"of a removed user", removed, admin(), to("mm"), nil, user.ErrNotFound},
	})
}

func TestChangeProfile(t *testing.T) {
	t.Parallel()
	to := func(p user.Profile) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.ChangeProfile(ctx, as, user.ChangeProfile{UserID: "minnie", Profile: p})
			return err
		}
	}
	active, removed := []proto.Message{person()}, []proto.Message{person(), &eventv1.UserRemoved{}}
	next := user.Profile{GivenName: "Mini", FamilyName: "Mouse"}
	run(t, []scenario{
		{"by oneself", active, minnie(), to(next), []string{"user.profile.changed"}, nil},
		{"by an owner", active, owner(), to(next), []string{"user.profile.changed"}, nil},
		{"the same", active, minnie(), to(user.Profile{GivenName: "Minnie ", FamilyName: " Mouse"}), nil, user.ErrProfileNotChanged},
		{"the same, with a language nobody knows", active, minnie(), to(user.Profile{GivenName: "Minnie", FamilyName: "Mouse", PreferredLanguage: text("?")}), nil, user.ErrProfileNotChanged},
		{"without a name", active, minnie(), to(user.Profile{FamilyName: "Mouse"}), nil, user.ErrFirstNameEmpty},
		{"of a machine", []proto.Message{program()}, minnie(), to(next), nil, user.ErrNoUser},
		{"by somebody else", active, stranger(), to(next), nil, permission.ErrDenied},
		{"of a removed user", removed, admin(), to(next), nil, user.ErrNoUser},
	})
}

// Codes for addresses that are proven already are for nobody, and who may know is told that none is on its way.
func TestCodesForAddressesThatAreNotProven(t *testing.T) {
	t.Parallel()
	email := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.SendEmailCode(ctx, as, user.RequestCode{UserID: "minnie", Unproven: true})
		return err
	}
	phone := func(unproven bool) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.SendPhoneCode(ctx, as, user.RequestCode{UserID: "minnie", Unproven: unproven})
			return err
		}
	}
	verify := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.VerifyEmail(ctx, as, user.VerifyCode{UserID: "minnie", Code: "WRONG1", TellPending: true})
		return err
	}
	active := []proto.Message{person()}
	proven := []proto.Message{person(), &eventv1.UserEmailVerified{}}
	phoned := []proto.Message{person(), &eventv1.UserPhoneChanged{Phone: "+41791234567"}}
	called := append(phoned[:2:2], &eventv1.UserPhoneVerified{})
	expired := []proto.Message{person(), &eventv1.UserEmailCodeAdded{Code: &eventv1.Code{}}}
	run(t, []scenario{
		{"of an address", active, minnie(), email, []string{"user.email.code.added"}, nil},
		{"of a proven address", proven, minnie(), email, nil, user.ErrEmailVerified},
		{"of a proven address, by somebody else", proven, stranger(), email, nil, permission.ErrDenied},
		{"of a number", phoned, minnie(), phone(true), []string{"user.phone.code.added"}, nil},
		{"of a proven number", called, minnie(), phone(true), nil, user.ErrPhoneVerified},
		{"of a proven number, all the same", called, minnie(), phone(false), []string{"user.phone.code.added"}, nil},
		{"of no number", active, minnie(), phone(true), nil, user.ErrPhoneNotFound},
		{"of a machine", []proto.Message{program()}, admin(), phone(true), nil, user.ErrPhoneNotFound},

		{"a guess where there is no code", active, minnie(), verify, nil, user.ErrNoPendingCode},
		{"a guess where there is no code, by somebody else", active, stranger(), verify, nil, user.ErrWrongCode},
		{"a guess where the code is expired", expired, minnie(), verify, nil, user.ErrWrongCode},
	})
}
