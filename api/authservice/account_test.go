package authservice_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	queries "github.com/signet-iam/signet/query/user"
)

func account() []errand {
	get := ask((*authservice.Service).GetMyUser, &authv1.GetMyUserRequest{})
	name := func(to string) deed {
		return ask((*authservice.Service).UpdateMyUserName, &authv1.UpdateMyUserNameRequest{UserName: to})
	}
	same := func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
		return name(idOf(ctx))(ctx, t, n)
	}
	remove := ask((*authservice.Service).RemoveMyUser, &authv1.RemoveMyUserRequest{})
	permitted := func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
		self := permission.Membership{Organization: organization, Roles: []permission.Role{permission.OrganizationSelfManager}}
		return remove(as(t, idOf(ctx), self), t, n)
	}
	return []errand{
		{rpc: "Healthz", when: ask((*authservice.Service).Healthz, &authv1.HealthzRequest{})},
		{rpc: "GetMyUser", when: get},
		{rpc: "GetMyUser", name: "removed", given: []proto.Message{&eventv1.UserRemoved{}}, when: get, fails: queries.ErrNotFound},
		{rpc: "RemoveMyUser", when: permitted},
		{rpc: "RemoveMyUser", name: "without the permission", when: remove, fails: permission.ErrDenied},
		{rpc: "UpdateMyUserName", when: name(" countess ")},
		{rpc: "UpdateMyUserName", name: "of a machine", machine: true, when: name("r2")},
		{rpc: "UpdateMyUserName", name: "the same", when: same, fails: user.ErrNameNotChanged},
		{rpc: "UpdateMyUserName", name: "of somebody else", when: name("TAKEN"), fails: user.ErrUsernameTaken},
		{rpc: "UpdateMyUserName", name: "blank", when: name(" "), fails: user.ErrInvalidUsername},
	}
}

func profiles() []errand {
	get := ask((*authservice.Service).GetMyProfile, &authv1.GetMyProfileRequest{})
	set := func(first, last string) deed {
		return ask((*authservice.Service).UpdateMyProfile, &authv1.UpdateMyProfileRequest{
			FirstName: first, LastName: last, DisplayName: first + " " + last, PreferredLanguage: "?",
		})
	}
	return []errand{
		{rpc: "GetMyProfile", when: get},
		{rpc: "GetMyProfile", name: "of a machine", machine: true, when: get, fails: queries.ErrNotHuman},
		{rpc: "UpdateMyProfile", when: set("Augusta", "King")},
		{rpc: "UpdateMyProfile", name: "the same", when: set("Ada", "Lovelace"), fails: user.ErrProfileNotChanged},
		{rpc: "UpdateMyProfile", name: "without a name", when: set("", "King"), fails: user.ErrFirstNameEmpty},
		{rpc: "UpdateMyProfile", name: "of a machine", machine: true, when: set("R", "2"), fails: user.ErrNoUser},
	}
}

func passwords() []errand {
	const next = "Battery-Staple-8"
	change := func(from, to string) deed {
		return ask((*authservice.Service).UpdateMyPassword, &authv1.UpdateMyPasswordRequest{OldPassword: from, NewPassword: to})
	}
	having := func(then deed) deed {
		return func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
			_, err := n.users.SetPassword(ctx, admin(), user.SetPassword{
				UserID: idOf(ctx), New: user.NewPassword{Clear: oldPassword, ChangeRequired: true},
			})
			must(t, err)
			return then(ctx, t, n)
		}
	}
	return []errand{
		{rpc: "UpdateMyPassword", when: having(change(oldPassword, next))},
		{rpc: "UpdateMyPassword", name: "by a wrong one", when: having(change("wrong", next)), fails: user.ErrWrongPassword},
		{rpc: "UpdateMyPassword", name: "to the same", when: having(change(oldPassword, oldPassword)), fails: user.ErrPasswordNotChanged},
		{rpc: "UpdateMyPassword", name: "where there is none", when: change(oldPassword, next), fails: user.ErrPasswordNotSet},
	}
}
