package user_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestUpdateHuman(t *testing.T) {
	t.Parallel()
	update := func(req user.UpdateHuman) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			req := req
			req.UserID = "minnie"
			out, err := n.Users.UpdateHuman(ctx, as, req)
			if err == nil && out.Receipt.Version != n.Version(t, "minnie") {
				t.Errorf("receipt of version %d", out.Receipt.Version)
			}
			return err
		}
	}
	email := func(address string, v user.Verification) user.UpdateHuman {
		return user.UpdateHuman{Email: &user.EmailChange{Address: address, Verification: v}}
	}
	phone := func(number string, v user.Verification) user.UpdateHuman {
		return user.UpdateHuman{Phone: &user.PhoneChange{Number: number, Verification: v}}
	}
	active := []proto.Message{person()}
	phoned := []proto.Message{person(), &eventv1.UserPhoneChanged{Phone: "+41791234567"}}
	verified := []proto.Message{person(), &eventv1.UserEmailVerified{}}
	newPassword := &user.PasswordUpdate{New: user.NewPassword{Clear: goodPassword}}

	run(t, []scenario{
		{"everything", active, admin(), update(user.UpdateHuman{
			Username: text("mm"), Profile: &user.Profile{GivenName: "Mini", FamilyName: "Mouse"},
			Email: &user.EmailChange{Address: "new@mouse.com"}, Phone: &user.PhoneChange{Number: "+41791234567"}, Password: newPassword,
		}), []string{
			"user.username.changed", "user.profile.changed", "user.email.changed", "user.email.code.added", "user.phone.changed",
			"user.phone.code.added", "user.password.changed",
		}, nil},
		{"nothing", active, minnie(), update(user.UpdateHuman{}), nil, nil},
		{"what is there already", phoned, minnie(), update(user.UpdateHuman{
			Username: text(" minnie "), Profile: &user.Profile{GivenName: "Minnie", FamilyName: "Mouse"},
			Email: &user.EmailChange{Address: "minnie@mouse.com"}, Phone: &user.PhoneChange{Number: "079 123 45 67"},
		}), nil, nil},
		{"a part of the profile", active, minnie(), update(user.UpdateHuman{ProfileParts: &user.ProfileParts{GivenName: text("Mini")}}), []string{"user.profile.changed"}, nil},
		{"parts that are there already", active, minnie(), update(user.UpdateHuman{ProfileParts: &user.ProfileParts{FamilyName: text("Mouse"), DisplayName: text("")}}), nil, nil},
		{"no part of the profile", active, minnie(), update(user.UpdateHuman{ProfileParts: &user.ProfileParts{}}), nil, nil},
		{"a blank part of the profile", active, minnie(), update(user.UpdateHuman{ProfileParts: &user.ProfileParts{FamilyName: text(" ")}}), nil, user.ErrLastNameEmpty},
		{"phone removed", phoned, minnie(), update(user.UpdateHuman{RemovePhone: true}), []string{"user.phone.removed"}, nil},
		{"no phone to remove", active, minnie(), update(user.UpdateHuman{RemovePhone: true}), nil, nil},
		{"phone removed and verified", phoned, admin(), update(user.UpdateHuman{RemovePhone: true, Phone: &user.PhoneChange{Verification: user.Verified{}}}), nil, user.ErrPhoneRemoval},
		{"metadata", active, admin(), update(user.UpdateHuman{Metadata: []user.MetadataEntry{{"a", []byte("x")}}}), []string{"user.metadata.set"}, nil},
		{"metadata by oneself", active, minnie(), update(user.UpdateHuman{
			Username: text("mm"), Metadata: []user.MetadataEntry{{"a", []byte("x")}},
		}), []string{"user.username.changed", "user.metadata.set"}, nil},
		{"metadata by somebody else", active, stranger(), update(user.UpdateHuman{Metadata: []user.MetadataEntry{{"a", []byte("x")}}}), nil, permission.ErrDenied},
		{"metadata without a value", active, admin(), update(user.UpdateHuman{Metadata: []user.MetadataEntry{{"a", nil}}}), nil, user.ErrMetadataValue},
		{"an empty phone is ignored", phoned, minnie(), update(phone("", user.Verified{})), nil, nil},
		{"username in another case", active, minnie(), update(user.UpdateHuman{Username: text("Minnie")}), []string{"user.username.changed"}, nil},
		{"username of somebody else", active, minnie(), update(user.UpdateHuman{Username: text("ADMIN")}), nil, user.ErrUsernameTaken},
		{"username blank", active, admin(), update(user.UpdateHuman{Username: text(" ")}), nil, user.ErrInvalidUsername},
		{"profile without a name", active, admin(), update(user.UpdateHuman{Profile: &user.Profile{FamilyName: "M"}}), nil, user.ErrFirstNameEmpty},
		{"email verified", active, admin(), update(email("minnie@mouse.com", user.Verified{})), []string{"user.email.verified"}, nil},
		{"email verified already", verified, admin(), update(email("minnie@mouse.com", user.Verified{})), nil, nil},
		{"email verified by oneself", active, minnie(), update(email("minnie@mouse.com", user.Verified{})), nil, permission.ErrDenied},
		{"new email verified by oneself", active, minnie(), update(email("new@mouse.com", user.Verified{})), nil, permission.ErrDenied},
		{"new email unverified", active, minnie(), update(email("new@mouse.com", user.Unverified{})), []string{"user.email.changed"}, nil},
		{"same email, a code please", active, admin(), update(email("minnie@mouse.com", user.Return{})), nil, nil},
		{"new email and return the code to oneself", active, minnie(), update(email("new@mouse.com", user.Return{})), nil, permission.ErrDenied},
		{"new phone and return the code to oneself", active, minnie(), update(phone("+41791234567", user.Return{})), nil, permission.ErrDenied},
		{"new email by oneself", active, minnie(), update(email("new@mouse.com", nil)), []string{"user.email.changed", "user.email.code.added"}, nil},
		{"email malformed", active, admin(), update(email("x", nil)), nil, user.ErrEmailInvalid},
		{"phone verified", phoned, admin(), update(phone("+41791234567", user.Verified{})), []string{"user.phone.verified"}, nil},
		{"phone verified by oneself", phoned, minnie(), update(phone("+41791234567", user.Verified{})), nil, permission.ErrDenied},
		{"password", active, admin(), update(user.UpdateHuman{Password: newPassword}), []string{"user.password.changed"}, nil},
		{"password by oneself without a proof", active, minnie(), update(user.UpdateHuman{Password: newPassword}), nil, permission.ErrDenied},
		{"password empty", active, admin(), update(user.UpdateHuman{Password: &user.PasswordUpdate{}}), nil, user.ErrPasswordEmpty},
		{"password hash unsupported", active, admin(), update(user.UpdateHuman{Password: &user.PasswordUpdate{New: user.NewPassword{Hash: "{SSHA}x"}}}), nil, password.ErrUnsupported},
		{"password by a wrong current one: nothing else happens", active, minnie(), update(user.UpdateHuman{
			Username: text("mm"), Password: &user.PasswordUpdate{New: user.NewPassword{Clear: goodPassword}, Proof: user.CurrentPassword("x")},
		}), nil, user.ErrPasswordNotSet},
		{"a machine", []proto.Message{program()}, admin(), update(user.UpdateHuman{Username: text("mm")}), nil, user.ErrNotFound},
		{"nobody", nil, admin(), update(user.UpdateHuman{Username: text("mm")}), nil, user.ErrNotFound},
		{"a removed user", []proto.Message{person(), &eventv1.UserRemoved{}}, admin(), update(user.UpdateHuman{Username: text("mm")}), nil, user.ErrNotFound},
	})
}
