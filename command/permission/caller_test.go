package permission_test

import (
	"errors"
	"fmt"
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

// The levels of projects, said once more by hand.
func TestWhatProjectRolesGive(t *testing.T) {
	t.Parallel()
	view := []string{
		permission.ProjectRead, permission.ProjectRoleRead, permission.ProjectGrantRead, permission.ProjectMemberRead, permission.AuthorizationRead,
	}
	viewGrant := []string{permission.ProjectRead, permission.ProjectRoleRead, permission.ProjectMemberRead, permission.AuthorizationRead}
	own := slices.Concat(view, []string{
		permission.ProjectWrite, permission.ProjectDelete, permission.ProjectRoleWrite, permission.ProjectGrantWrite,
		permission.ProjectMemberWrite, permission.AuthorizationWrite,
	})
	project := permission.Scope{Organization: "home", Project: "p"}
	granted := permission.Scope{Organization: "home", Project: "p", Granted: "g"}
	for _, c := range []struct {
		granted, role string
		gives         []string
		reaches       []permission.Scope
	}{
		{"", "PROJECT_OWNER", own, []permission.Scope{project, granted}},
		{"", "PROJECT_OWNER_VIEWER", view, []permission.Scope{project, granted}},
		{"", "PROJECT_GRANT_OWNER", nil, nil},
		{"g", "PROJECT_OWNER", nil, nil},
		{"g", "PROJECT_GRANT_OWNER", append(viewGrant, permission.ProjectMemberWrite, permission.AuthorizationWrite), []permission.Scope{granted}},
		{"g", "PROJECT_GRANT_OWNER_VIEWER", viewGrant, []permission.Scope{granted}},
	} {
		holder := caller(permission.Membership{Organization: "home", Project: "p", Granted: c.granted, Roles: []string{c.role}})
		for _, p := range permission.All() {
			for _, at := range []permission.Scope{
				project, granted, {}, {Organization: "home"}, {Organization: "g"}, {Organization: "home", Project: "other"},
				{Organization: "home", Project: "p", Granted: "other"}, {Granted: "g"},
			} {
				want := slices.Contains(c.gives, p) && (slices.Contains(c.reaches, at) || len(c.granted) == 0 && at.Project == "p")
				if got := holder.MayAt(p, at); got != want {
					t.Errorf("%s on %q: %s at %+v: %v", c.role, c.granted, p, at, got)
				}
			}
		}
	}
}

// anyMembership is one of some role, on its level or another.
func anyMembership(t *rapid.T) permission.Membership {
	roles := []string{"NONE"}
	for _, d := range permission.Definitions() {
		roles = append(roles, d.Role)
	}
	m := permission.Membership{
		Organization: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "organization"),
		Roles:        rapid.SliceOfN(rapid.SampledFrom(roles), 0, 3).Draw(t, "roles"),
	}
	if m.Organization != "" {
		m.Project = rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, "project")
	}
	if m.Project != "" {
		m.Granted = rapid.SampledFrom([]string{"", "a", "c"}).Draw(t, "granted")
	}
	return m
}

// everyScope is where anything can stand.
func everyScope() (all []permission.Scope) {
	for _, organization := range []string{"", "a", "b", "c"} {
		for _, project := range []string{"", "p", "q", "r"} {
			all = append(all, permission.Scope{Organization: organization, Project: project})
			if project != "" {
				all = append(all, permission.Scope{Organization: organization, Project: project, Granted: "a"},
					permission.Scope{Organization: organization, Project: project, Granted: "c"})
			}
		}
	}
	return all
}

// Memberships add up and never reach beyond what they are on; what a list may show agrees with what single checks allow.
func TestMembershipsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		memberships := rapid.SliceOfN(rapid.Custom(anyMembership), 0, 4).Draw(t, "memberships")
		together := caller(memberships...)
		singly := make([]*permission.Caller, len(memberships))
		for i, m := range memberships {
			singly[i] = caller(m)
		}
		for _, at := range everyScope() {
			held := together.HeldAt(at)
			for _, p := range permission.All() {
				single := slices.ContainsFunc(singly, func(c *permission.Caller) bool { return c.MayAt(p, at) })
				some, all := together.Organizations(p)
				listed := all || at.Organization != "" && slices.Contains(some, at.Organization)
				listed = listed || at.Project != "" && slices.Contains(together.Projects(p), at.Project)
				projects, granted := together.Grants(p)
				for i := range projects {
					listed = listed || at.Granted != "" && projects[i] == at.Project && granted[i] == at.Granted
				}
				if got := together.MayAt(p, at); got != single || got != listed || got != slices.Contains(held, p) {
					t.Fatalf("%s at %+v: together %v, singly %v, in lists %v", p, at, got, single, listed)
				}
			}
		}
	})
}

// crowded is a caller with 200 memberships on all levels.
func crowded() *permission.Caller {
	memberships := []permission.Membership{on("", permission.InstanceLoginClient)}
	for i := range 199 {
		m := permission.Membership{Organization: fmt.Sprint("o", i), Roles: []string{permission.OrganizationOwner}}
		if i%3 > 0 {
			m.Project, m.Roles = fmt.Sprint("p", i), []string{permission.ProjectOwner}
		}
		if i%3 == 2 {
			m.Granted, m.Roles = fmt.Sprint("g", i), []string{permission.ProjectGrantOwner}
		}
		memberships = append(memberships, m)
	}
	return caller(memberships...)
}

// A check allocates nothing, whether it succeeds or not, however many memberships there are.
func TestAChecksCost(t *testing.T) {
	c := crowded()
	for name, at := range map[string]permission.Scope{
		"held": {Organization: "o7", Project: "p197", Granted: "g197"}, "not held": {Organization: "other", Project: "other", Granted: "other"},
	} {
		for _, p := range []string{permission.AuthorizationWrite, permission.InstanceWrite, "no.such"} {
			if allocations := testing.AllocsPerRun(100, func() { c.MayAt(p, at) }); allocations > 0 {
				t.Errorf("%s, %s: %v allocations", name, p, allocations)
			}
		}
	}
}

func BenchmarkMayAtWith200Memberships(b *testing.B) {
	c := crowded()
	at := permission.Scope{Organization: "o7", Project: "p197", Granted: "g197"}
	b.ReportAllocs()
	for b.Loop() {
		if !c.MayAt(permission.AuthorizationWrite, at) {
			b.Fatal("denied")
		}
	}
}

func BenchmarkNewCallerWith200Memberships(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		crowded()
	}
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
