package permission_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/command/permission"
)

// viewer is what the read side wants from a caller.
type viewer interface {
	TenantID() string
	SubjectID() string
	May(permission, organization string) bool
}

var _ viewer = (*permission.Caller)(nil)

func caller(memberships ...permission.Membership) *permission.Caller {
	return permission.NewCaller(permission.Identity{Tenant: "t", UserID: "u", Organization: "home"}, memberships...)
}

func on(organization string, roles ...string) permission.Membership {
	return permission.Membership{Organization: organization, Roles: roles}
}

func TestNobodyMayAnything(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*permission.Caller{
		"nil":                    nil,
		"zero":                   {},
		"without tenant":         permission.NewCaller(permission.Identity{UserID: "u"}, on("", permission.InstanceOwner)),
		"without user":           permission.NewCaller(permission.Identity{Tenant: "t"}, on("", permission.InstanceOwner)),
		"without membership":     caller(),
		"without roles":          caller(on(""), on("home")),
		"with an unknown role":   caller(on("", "ROOT"), on("home", "ROOT")),
		"with the other level's": caller(on("", permission.OrganizationOwner), on("home", permission.InstanceOwner)),
	} {
		for _, p := range append(permission.All(), "", "no.such") {
			for _, organization := range []string{"", "home", "other"} {
				if c.May(p, organization) {
					t.Errorf("%s: may %q on %q", name, p, organization)
				}
				if err := c.Check(p, organization); !errors.Is(err, permission.ErrDenied) {
					t.Errorf("%s: check of %q: %v", name, p, err)
				}
			}
		}
	}
	var nobody *permission.Caller
	if nobody.Is("") || (&permission.Caller{}).Is("") || nobody.Authenticated() {
		t.Error("nobody is somebody")
	}
	if err := nobody.CheckSelfOr(permission.UserRead, "", ""); !errors.Is(err, permission.ErrDenied) {
		t.Errorf("nobody is itself: %v", err)
	}
}

// The table of roles, said once more by hand: a change of rights has to be meant twice.
func TestWhatRolesGive(t *testing.T) {
	t.Parallel()
	users := []string{
		permission.UserRead, permission.UserWrite, permission.UserDelete, permission.UserSelfDelete,
		permission.UserCredentialWrite, permission.UserPasskeyWrite, permission.SessionRead, permission.SessionDelete,
	}
	edit := []string{
		permission.UserRead, permission.OrganizationRead, permission.ProjectRead, permission.ProjectRoleRead,
		permission.ProjectGrantRead, permission.AuthorizationRead, permission.AuthorizationWrite,
	}
	view := []string{
		permission.UserRead, permission.SessionRead, permission.OrganizationRead, permission.OrganizationMemberRead, permission.IDPRead,
		permission.PolicyRead, permission.AuditRead, permission.ProjectRead, permission.ProjectRoleRead, permission.ProjectGrantRead,
		permission.ProjectMemberRead, permission.AuthorizationRead,
	}
	own := slices.Concat(users, view, []string{
		permission.OrganizationWrite, permission.OrganizationDelete, permission.OrganizationMemberWrite, permission.ProjectCreate,
		permission.ProjectWrite, permission.ProjectDelete, permission.ProjectRoleWrite, permission.ProjectGrantWrite,
		permission.ProjectMemberWrite, permission.AuthorizationWrite, permission.IDPWrite, permission.PolicyWrite,
	})
	for _, c := range []struct {
		organization, role string
		gives              []string
	}{
		{"", "IAM_OWNER", permission.All()},
		{"", "IAM_OWNER_VIEWER", slices.Concat(view, []string{permission.InstanceMemberRead, permission.ProjectionRead})},
		{"", "IAM_ORG_MANAGER", slices.Concat(own, []string{permission.OrganizationCreate})},
		{"", "IAM_USER_MANAGER", slices.Concat(users, edit, []string{permission.AuditRead})},
		{"", "IAM_LOGIN_CLIENT", []string{
			permission.UserRead, permission.UserWrite, permission.UserCredentialWrite, permission.UserPasskeyWrite,
			permission.SessionRead, permission.SessionWrite, permission.SessionDelete, permission.OrganizationRead, permission.IDPRead,
			permission.PolicyRead, permission.ProjectRead, permission.AuthorizationRead,
		}},
		{"home", "ORG_OWNER", own},
		{"home", "ORG_OWNER_VIEWER", view},
		{"home", "ORG_USER_MANAGER", slices.Concat(users, edit)},
		{"home", "ORG_USER_PERMISSION_EDITOR", edit},
		{"home", "ORG_SETTINGS_MANAGER", []string{
			permission.OrganizationRead, permission.OrganizationWrite, permission.PolicyRead, permission.PolicyWrite, permission.IDPRead, permission.IDPWrite,
		}},
		{"home", "ORG_PROJECT_CREATOR", []string{permission.OrganizationRead, permission.ProjectCreate}},
		{"home", "ORG_USER_SELF_MANAGER", []string{permission.UserSelfDelete}},
	} {
		holder := caller(on(c.organization, c.role))
		for _, p := range permission.All() {
			want := slices.Contains(c.gives, p)
			if got := holder.May(p, "home"); got != want {
				t.Errorf("%s: %s at home: %v", c.role, p, got)
			}
			if got := holder.May(p, "other"); got != (want && c.organization == "") {
				t.Errorf("%s: %s elsewhere: %v", c.role, p, got)
			}
			if got := holder.May(p, ""); got != (want && c.organization == "") {
				t.Errorf("%s: %s on the instance: %v", c.role, p, got)
			}
		}
	}
}

// Memberships add up and never reach beyond their organizations.
func TestMembershipsAddUp(t *testing.T) {
	t.Parallel()
	roles := []string{
		permission.InstanceOwner, permission.InstanceOwnerViewer, permission.InstanceUserManager,
		permission.OrganizationOwner, permission.OrganizationOwnerViewer, permission.OrganizationSelfManager, "NONE",
	}
	rapid.Check(t, func(t *rapid.T) {
		memberships := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) permission.Membership {
			return on(rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "organization"), rapid.SliceOfN(rapid.SampledFrom(roles), 0, 3).Draw(t, "roles")...)
		}), 0, 4).Draw(t, "memberships")
		together := caller(memberships...)
		for _, p := range permission.All() {
			for _, organization := range []string{"", "a", "b", "c"} {
				single := slices.ContainsFunc(memberships, func(m permission.Membership) bool { return caller(m).May(p, organization) })
				if together.May(p, organization) != single {
					t.Fatalf("%s on %q: together %v, singly %v", p, organization, !single, single)
				}
			}
			some, all := together.Organizations(p)
			for _, organization := range []string{"a", "b", "c"} {
				if (all || slices.Contains(some, organization)) != together.May(p, organization) {
					t.Fatalf("%s: organizations %v, %v", p, some, all)
				}
			}
		}
	})
}

func TestSelf(t *testing.T) {
	t.Parallel()
	c := caller()
	if err := c.CheckSelfOr(permission.UserWrite, "home", "u"); err != nil {
		t.Errorf("itself: %v", err)
	}
	if err := c.CheckSelfOr(permission.UserWrite, "home", "v"); !errors.Is(err, permission.ErrDenied) {
		t.Errorf("another: %v", err)
	}
	if err := caller(on("home", permission.OrganizationOwner)).CheckSelfOr(permission.UserWrite, "home", "v"); err != nil {
		t.Errorf("another, with permission: %v", err)
	}
	if c.TenantID() != "t" || c.SubjectID() != "u" {
		t.Error("identity")
	}
}
