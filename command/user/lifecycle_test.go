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

func TestLifecycle(t *testing.T) {
	t.Parallel()
	type method func(*user.Service, context.Context, *permission.Caller, string) (any, error)
	call := func(f method) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := f(n.Users, ctx, as, "minnie")
			return err
		}
	}
	deactivate := call(func(s *user.Service, ctx context.Context, c *permission.Caller, id string) (any, error) {
		return s.Deactivate(ctx, c, id)
	})
	reactivate := call(func(s *user.Service, ctx context.Context, c *permission.Caller, id string) (any, error) {
		return s.Reactivate(ctx, c, id)
	})
	lock := call(func(s *user.Service, ctx context.Context, c *permission.Caller, id string) (any, error) {
		return s.Lock(ctx, c, id)
	})
	unlock := call(func(s *user.Service, ctx context.Context, c *permission.Caller, id string) (any, error) {
		return s.Unlock(ctx, c, id)
	})
	remove := call(func(s *user.Service, ctx context.Context, c *permission.Caller, id string) (any, error) {
		return s.Delete(ctx, c, id)
	})

	active := []proto.Message{person()}
	machine := []proto.Message{program()}
	inactive := []proto.Message{person(), &eventv1.UserDeactivated{}}
	locked := []proto.Message{person(), &eventv1.UserLocked{}}
	removed := []proto.Message{person(), &eventv1.UserRemoved{}}
	selfDelete := commandtest.Caller("minnie", permission.Membership{Organization: "default", Roles: []string{permission.OrganizationSelfManager}})

	run(t, []scenario{
		{"deactivate", active, admin(), deactivate, []string{"user.deactivated"}, nil},
		{"deactivate a machine", machine, admin(), deactivate, []string{"user.deactivated"}, nil},
		{"deactivate by the organization's owner", active, owner(), deactivate, []string{"user.deactivated"}, nil},
		{"deactivate a locked user", locked, admin(), deactivate, []string{"user.deactivated"}, nil},
		{"deactivate twice", inactive, admin(), deactivate, nil, user.ErrAlreadyInactive},
		{"deactivate nobody", nil, admin(), deactivate, nil, user.ErrNotFound},
		{"deactivate a removed user", removed, admin(), deactivate, nil, user.ErrNotFound},
		{"deactivate oneself", active, minnie(), deactivate, nil, permission.ErrDenied},

		{"reactivate", inactive, admin(), reactivate, []string{"user.reactivated"}, nil},
		{"reactivate an active user", active, admin(), reactivate, nil, user.ErrNotInactive},
		{"reactivate a locked user", locked, admin(), reactivate, nil, user.ErrNotInactive},
		{"reactivate nobody", nil, admin(), reactivate, nil, user.ErrNotFound},
		{"reactivate a removed user", removed, admin(), reactivate, nil, user.ErrNotFound},
		{"reactivate oneself", inactive, minnie(), reactivate, nil, permission.ErrDenied},

		{"lock", active, admin(), lock, []string{"user.locked"}, nil},
		{"lock twice", locked, admin(), lock, nil, user.ErrNotActive},
		{"lock an inactive user", inactive, admin(), lock, nil, user.ErrNotActive},
		{"lock nobody", nil, admin(), lock, nil, user.ErrNotFound},
		{"lock oneself", active, minnie(), lock, nil, permission.ErrDenied},

		{"unlock", locked, admin(), unlock, []string{"user.unlocked"}, nil},
		{"unlock an active user", active, admin(), unlock, nil, user.ErrNotLocked},
		{"unlock an inactive user", inactive, admin(), unlock, nil, user.ErrNotLocked},
		{"unlock nobody", nil, admin(), unlock, nil, user.ErrNotFound},
		{"unlock oneself", locked, minnie(), unlock, nil, permission.ErrDenied},

		{"delete", active, admin(), remove, []string{"user.removed"}, nil},
		{"delete a machine", machine, admin(), remove, []string{"user.removed"}, nil},
		{"delete a locked user", locked, admin(), remove, []string{"user.removed"}, nil},
		{"delete an inactive user", inactive, admin(), remove, []string{"user.removed"}, nil},
		{"delete twice", removed, admin(), remove, nil, user.ErrNotFound},
		{"delete nobody", nil, admin(), remove, nil, user.ErrNotFound},
		{"delete oneself", active, minnie(), remove, nil, permission.ErrDenied},
		{"delete oneself with permission", active, selfDelete, remove, []string{"user.removed"}, nil},
	})
}

func TestARemovedUserLeavesNameAndID(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	if _, err := n.Organizations.Add(t.Context(), admin(), "elsewhere", "Elsewhere"); err != nil {
		t.Fatal(err)
	}
	add := func(req user.AddHuman) error {
		_, err := n.Users.AddHuman(t.Context(), admin(), req)
		return err
	}
	steps := []struct {
		name string
		do   func() error
		want error
	}{
		{"add", func() error { return add(human()) }, nil},
		{"add under another id", func() error { r := human(); r.UserID = "other"; return add(r) }, user.ErrUsernameTaken},
		{"delete", func() error { _, err := n.Users.Delete(t.Context(), admin(), "minnie"); return err }, nil},
		{"add again elsewhere", func() error { r := human(); r.Organization = "elsewhere"; return add(r) }, user.ErrIDTaken},
		{"add again", func() error { return add(human()) }, nil},
		{"delete again", func() error { _, err := n.Users.Delete(t.Context(), admin(), "minnie"); return err }, nil},
		{"another takes the name", func() error { r := human(); r.UserID = "other"; return add(r) }, nil},
		{"add again without the name", func() error { return add(human()) }, user.ErrUsernameTaken},
	}
	for _, s := range steps {
		if err := s.do(); !errors.Is(err, s.want) {
			t.Fatalf("%s: %v, want %v", s.name, err, s.want)
		}
	}
}

func TestARenamedUserLeavesItsName(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	if _, err := n.Users.AddHuman(t.Context(), admin(), human()); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Users.UpdateHuman(t.Context(), minnie(), user.UpdateHuman{UserID: "minnie", Username: text("mm")}); err != nil {
		t.Fatal(err)
	}
	other := human()
	other.UserID, other.Username = "other", text("MM")
	if _, err := n.Users.AddHuman(t.Context(), admin(), other); !errors.Is(err, user.ErrUsernameTaken) {
		t.Errorf("the new name is free: %v", err)
	}
	other.Username = text("minnie")
	if _, err := n.Users.AddHuman(t.Context(), admin(), other); err != nil {
		t.Errorf("the old name is not: %v", err)
	}
}
