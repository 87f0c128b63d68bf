package member_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func userStates(t testing.TB, n *commandtest.Node, id string) *user.State {
	t.Helper()
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, id)
	return &must(t, snap, err).State
}

func TestSet(t *testing.T) {
	t.Parallel()
	n := scene(t)
	admin := commandtest.Admin()
	acme := commandtest.Caller("boss", on("acme", permission.OrganizationOwner))
	corp := commandtest.Caller("boss", on("corp", permission.OrganizationOwner))
	shopOwner := commandtest.Caller("boss", onShop("", permission.ProjectOwner))
	grantOwner := commandtest.Caller("boss", onShop("corp", permission.ProjectGrantOwner))
	manager := commandtest.Caller("boss", permission.Membership{Roles: []string{permission.InstanceOrgManager}})
	for _, c := range []struct {
		name  string
		by    *permission.Caller
		on    member.Resource
		user  string
		roles []string
		want  error
	}{
		{"instance", admin, instance(), "ann", []string{permission.InstanceOwnerViewer}, nil},
		{"instance, by an owner of an organization", acme, instance(), "ann", []string{permission.InstanceOwner}, permission.ErrDenied},
		{"instance, by a manager of organizations", manager, instance(), "ann", []string{permission.InstanceOrgManager}, permission.ErrDenied},
		{"organization", acme, organization("acme"), "bob", []string{permission.OrganizationOwner}, nil},
		{"organization, a user of another one", acme, organization("acme"), "ann", []string{permission.OrganizationUserManager}, nil},
		{"organization, by the owner of another", corp, organization("acme"), "bob", []string{permission.OrganizationOwner}, permission.ErrDenied},
		{"unknown organization, by the owner of another", corp, organization("nothing"), "bob", []string{permission.OrganizationOwner}, permission.ErrDenied},
		{"organization, by a manager of organizations", manager, organization("acme"), "bob", []string{permission.OrganizationOwner}, nil},
		{"unknown organization", admin, organization("nothing"), "bob", []string{permission.OrganizationOwner}, member.ErrNotFound},
		{"project", acme, shop(), "bob", []string{permission.ProjectOwner}, nil},
		{"project, by its owner", shopOwner, shop(), "ann", []string{permission.ProjectOwnerViewer, permission.ProjectOwner}, nil},
		{"project, by whom it is granted to", corp, shop(), "ann", []string{permission.ProjectOwner}, permission.ErrDenied},
		{"project, by the owner of the grant", grantOwner, shop(), "ann", []string{permission.ProjectOwnerViewer}, permission.ErrDenied},
		{"unknown project", admin, member.Resource{Project: "nothing"}, "ann", []string{permission.ProjectOwner}, member.ErrNotFound},
		{"unknown project, by a stranger", corp, member.Resource{Project: "nothing"}, "ann", []string{permission.ProjectOwner}, permission.ErrDenied},
		{"grant", grantOwner, granted(), "ann", []string{permission.ProjectGrantOwnerViewer}, nil},
		{"grant, by whom it is granted to", corp, granted(), "ann", []string{permission.ProjectGrantOwner}, nil},
		{"grant, a user of the project's owner, by whom it is granted to", corp, granted(), "bob", []string{permission.ProjectGrantOwner}, user.ErrNotFound},
		{"grant, by the owner of the project", acme, granted(), "bob", []string{permission.ProjectGrantOwnerViewer}, nil},
		{"grant to nobody", acme, member.Resource{Project: "shop", Granted: "default"}, "bob", []string{permission.ProjectGrantOwner}, member.ErrNotFound},
		{"unknown user", admin, organization("acme"), "nobody", []string{permission.OrganizationOwner}, user.ErrNotFound},
		{"impossible user", admin, organization("acme"), "\x00", []string{permission.OrganizationOwner}, user.ErrNotFound},
		{"unknown user, by a stranger", corp, organization("acme"), "nobody", []string{permission.OrganizationOwner}, permission.ErrDenied},
		{"role of another level", admin, organization("acme"), "bob", []string{permission.InstanceOwner}, member.ErrRole},
		{"role of no level", admin, instance(), "bob", []string{"ROOT"}, member.ErrRole},
		{"without roles", admin, instance(), "bob", nil, member.ErrRoles},
		{"too many roles", admin, instance(), "bob", slices.Repeat([]string{permission.InstanceOwner}, 51), member.ErrRoles},
		{"on nothing", admin, member.Resource{}, "bob", []string{permission.OrganizationOwner}, member.ErrResource},
		{"by nobody", nil, instance(), "bob", []string{permission.InstanceOwner}, permission.ErrUnauthenticated},
	} {
		before := held(t, n, "bob", c.on)
		receipt, err := n.Members.Set(t.Context(), c.by, member.Set{Resource: c.on, UserID: c.user, Roles: c.roles})
		switch {
		case !errors.Is(err, c.want):
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		case c.want != nil && c.user == "bob" && !slices.Equal(held(t, n, "bob", c.on), before):
			t.Errorf("%s: refused, and done", c.name)
		case c.want == nil:
			if got := held(t, n, c.user, c.on); !slices.Equal(got, slices.Sorted(slices.Values(c.roles))) || receipt.Position == 0 {
				t.Errorf("%s: holds %v, %+v", c.name, got, receipt)
			}
		}
	}
}

// A user of an organization that one may not read is as if there were none, until somebody who may has made it a member.
func TestNobodyLearnsOfUsersElsewhere(t *testing.T) {
	t.Parallel()
	n := scene(t)
	person(t, n, "eve", "corp")
	boss := commandtest.Caller("boss", on("acme", permission.OrganizationOwner))
	roles := func(by *permission.Caller, userID string, roles ...string) error {
		_, err := n.Members.Set(t.Context(), by, member.Set{Resource: organization("acme"), UserID: userID, Roles: roles})
		return err
	}
	remove := func(userID string) error {
		_, err := n.Members.Remove(t.Context(), boss, organization("acme"), userID)
		return err
	}
	strange := func() {
		t.Helper()
		for _, id := range []string{"eve", "nobody"} {
			if set, removed := roles(boss, id, permission.OrganizationOwner), remove(id); !errors.Is(set, user.ErrNotFound) || !errors.Is(removed, user.ErrNotFound) {
				t.Errorf("%s: %v, %v", id, set, removed)
			}
		}
	}
	strange()
	for _, err := range []error{
		roles(commandtest.Admin(), "eve", permission.OrganizationOwner), roles(boss, "eve", permission.OrganizationUserManager), remove("eve"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	strange()
}

// Whoever may write members gives no role that permits more than it may itself.
func TestNobodyGivesMoreThanItHolds(t *testing.T) {
	t.Parallel()
	n := scene(t)
	resources := map[permission.Level]member.Resource{
		permission.OnInstance: instance(), permission.OnOrganization: organization("acme"), permission.OnProject: shop(), permission.OnProjectGrant: granted(),
	}
	givers := map[string]*permission.Caller{}
	for _, d := range permission.Definitions() {
		m := map[permission.Level]permission.Membership{
			permission.OnInstance: {}, permission.OnOrganization: on("acme"), permission.OnProject: onShop(""), permission.OnProjectGrant: onShop("corp"),
		}[d.Level]
		m.Roles = []string{d.Role}
		givers[d.Role] = commandtest.Caller("boss", m)
	}
	for giver, caller := range givers {
		for _, d := range permission.Definitions() {
			r := resources[d.Level]
			at := permission.Scope{Organization: r.Organization, Project: r.Project, Granted: r.Granted}
			if r.Project != "" {
				at.Organization = "acme"
			}
			writes := map[permission.Level]string{
				permission.OnInstance: permission.InstanceMemberWrite, permission.OnOrganization: permission.OrganizationMemberWrite,
				permission.OnProject: permission.ProjectMemberWrite, permission.OnProjectGrant: permission.ProjectMemberWrite,
			}[d.Level]
			var want error
			switch {
			case !caller.MayAt(writes, at):
				want = permission.ErrDenied
			case slices.ContainsFunc(d.Permissions, func(p string) bool { return !caller.MayAt(p, at) }):
				want = member.ErrBeyondOwn
			}
			_, err := n.Members.Set(t.Context(), caller, member.Set{Resource: r, UserID: "ann", Roles: []string{d.Role}})
			if !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%s gives %s: %v, want %v", giver, d.Role, err, want)
			}
		}
	}
}

func TestTheSameRolesAreNoChange(t *testing.T) {
	t.Parallel()
	n := scene(t)
	set := func(roles ...string) command.Receipt {
		receipt, err := n.Members.Set(t.Context(), commandtest.Admin(), member.Set{Resource: organization("acme"), UserID: "ann", Roles: roles})
		return must(t, receipt, err)
	}
	first := set(permission.OrganizationOwnerViewer, permission.OrganizationSelfManager)
	if again := set(permission.OrganizationSelfManager, permission.OrganizationOwnerViewer, permission.OrganizationSelfManager); again != first {
		t.Errorf("the same: %+v, then %+v", first, again)
	}
	if first.Organization != "acme" || first.Version != 1 {
		t.Errorf("%+v", first)
	}
	if next := set(permission.OrganizationSelfManager); next.Version != 2 {
		t.Errorf("others: %+v", next)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	n := scene(t)
	admin := commandtest.Admin()
	for _, c := range []struct {
		name string
		by   *permission.Caller
		on   member.Resource
		role string
	}{
		{"instance", admin, instance(), permission.InstanceUserManager},
		{"organization", commandtest.Caller("boss", on("acme", permission.OrganizationOwner)), organization("acme"), permission.OrganizationOwner},
		{"project", commandtest.Caller("boss", onShop("", permission.ProjectOwner)), shop(), permission.ProjectOwner},
		{"grant", commandtest.Caller("boss", onShop("corp", permission.ProjectGrantOwner)), granted(), permission.ProjectGrantOwner},
	} {
		must(t, 0, discard(n.Members.Set(t.Context(), admin, member.Set{Resource: c.on, UserID: "ann", Roles: []string{c.role}})))
		if _, err := n.Members.Remove(t.Context(), commandtest.Caller("ann"), c.on, "ann"); !errors.Is(err, permission.ErrDenied) {
			t.Errorf("%s, by who may not: %v", c.name, err)
		}
		for range 2 {
			if _, err := n.Members.Remove(t.Context(), c.by, c.on, "ann"); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if roles := held(t, n, "ann", c.on); len(roles) > 0 {
			t.Errorf("%s: %v are left", c.name, roles)
		}
	}
	for name, c := range map[string]struct {
		on   member.Resource
		user string
		want error
	}{
		"from nobody": {organization("acme"), "nobody", user.ErrNotFound}, "on nothing": {member.Resource{}, "ann", member.ErrResource},
		"on what is not there": {organization("nothing"), "ann", member.ErrNotFound},
	} {
		if _, err := n.Members.Remove(t.Context(), admin, c.on, c.user); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := n.Members.Remove(t.Context(), nil, instance(), "ann"); !errors.Is(err, permission.ErrUnauthenticated) {
		t.Errorf("by nobody: %v", err)
	}
}

func discard(_ any, err error) error { return err }

// Somebody who can sign in owns the instance at any time.
func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	n := scene(t)
	admin := commandtest.Admin()
	lower := member.Set{Resource: instance(), UserID: "admin", Roles: []string{permission.InstanceOwnerViewer}}
	refused := func(when string) {
		t.Helper()
		if _, err := n.Members.Set(t.Context(), admin, lower); !errors.Is(err, member.ErrLastOwner) {
			t.Errorf("%s, other roles: %v", when, err)
		}
		if _, err := n.Members.Remove(t.Context(), admin, instance(), "admin"); !errors.Is(err, member.ErrLastOwner) {
			t.Errorf("%s, none: %v", when, err)
		}
	}
	refused("the only one")
	second := member.Set{Resource: instance(), UserID: "ann", Roles: []string{permission.InstanceOwner}}
	must(t, 0, discard(n.Members.Set(t.Context(), admin, second)))
	must(t, 0, discard(n.Users.Lock(t.Context(), admin, "ann")))
	refused("the other is locked")
	must(t, 0, discard(n.Users.Unlock(t.Context(), admin, "ann")))
	must(t, 0, discard(n.Users.Delete(t.Context(), admin, "ann")))
	refused("the other was removed")
	person(t, n, "ann", "default")
	refused("another has its id")
	must(t, 0, discard(n.Members.Set(t.Context(), admin, second)))
	must(t, 0, discard(n.Members.Set(t.Context(), admin, lower)))
}

// Two owners remove each other at the same moment, on two nodes: one stays.
func TestOwnersWhoRemoveEachOther(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	ids := []string{"admin", "ann"}
	owner := commandtest.Caller("x", permission.Membership{Roles: []string{permission.InstanceOwner}})
	for range 20 {
		for _, id := range ids {
			must(t, 0, discard(n.Members.Set(t.Context(), owner, member.Set{Resource: instance(), UserID: id, Roles: []string{permission.InstanceOwner}})))
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range 2 {
			wg.Go(func() {
				_, errs[i] = nodes[i].Members.Remove(context.WithoutCancel(t.Context()), owner, instance(), ids[i])
			})
		}
		wg.Wait()
		left := len(held(t, n, "admin", instance())) + len(held(t, n, "ann", instance()))
		if left != 1 || errors.Is(errs[0], member.ErrLastOwner) == errors.Is(errs[1], member.ErrLastOwner) {
			t.Fatalf("%d owners are left: %v", left, errs)
		}
	}
}

// given appends memberships as history would have left them.
func given(t testing.TB, n *commandtest.Node, userID string, events ...proto.Message) {
	t.Helper()
	must(t, 0, func() error {
		_, _, err := n.MemberStates.Execute(t.Context(), command.Call[member.State]{
			Tenant: n.Tenant, ID: userID, Actor: "test",
			Decide: func(context.Context, *command.Snapshot[member.State]) (command.Decision, error) {
				d := command.Decision{Owner: "default"}
				for _, e := range events {
					d.Add(n.Runtime.NewID(), e)
				}
				return d, nil
			},
		})
		return err
	}())
}

// There is an end to the memberships of a user; those on something that is gone make room.
func TestThereIsAnEndToMemberships(t *testing.T) {
	t.Parallel()
	n := scene(t)
	ended := make([]proto.Message, 1000)
	for i := range ended {
		ended[i] = &eventv1.MembershipSet{OrganizationId: fmt.Sprintf("gone%d", i), Roles: []string{permission.OrganizationOwner}}
	}
	given(t, n, "ann", ended...)
	must(t, 0, discard(n.Members.Set(t.Context(), commandtest.Admin(), member.Set{
		Resource: organization("acme"), UserID: "ann", Roles: []string{permission.OrganizationOwner},
	})))
	snap, err := n.MemberStates.Load(t.Context(), n.Tenant, "ann")
	if count := len(must(t, snap, err).State.Memberships(0)); count != 901 {
		t.Errorf("%d memberships are left", count)
	}

	for i := range ended {
		// Each of another owner, so that there are many; the project is there for all of them.
		ended[i] = &eventv1.MembershipSet{OrganizationId: fmt.Sprint(i), ProjectId: "shop", Roles: []string{permission.ProjectOwner}}
	}
	given(t, n, "bob", ended...)
	if _, err := n.Members.Set(t.Context(), commandtest.Admin(), member.Set{
		Resource: organization("acme"), UserID: "bob", Roles: []string{permission.OrganizationOwner},
	}); !errors.Is(err, member.ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
}

// Roles belong to one life of a user, and those on a grant to one life of the grant too.
func TestRolesEndWithWhatTheyStandOn(t *testing.T) {
	t.Parallel()
	n := scene(t)
	admin := commandtest.Admin()
	set := func(r member.Resource, role string) {
		must(t, 0, discard(n.Members.Set(t.Context(), admin, member.Set{Resource: r, UserID: "ann", Roles: []string{role}})))
	}
	set(organization("acme"), permission.OrganizationOwner)
	set(instance(), permission.InstanceOwner)
	must(t, 0, discard(n.Users.Delete(t.Context(), admin, "ann")))
	person(t, n, "ann", "default")
	for _, r := range []member.Resource{organization("acme"), instance()} {
		if roles := held(t, n, "ann", r); len(roles) > 0 {
			t.Errorf("another of the same id holds %v", roles)
		}
		if receipt, err := n.Members.Remove(t.Context(), admin, r, "ann"); err != nil {
			t.Errorf("and cannot be removed: %+v, %v", receipt, err)
		}
	}
	set(granted(), permission.ProjectGrantOwner)
	must(t, 0, discard(n.Projects.RemoveGrant(t.Context(), admin, "shop", "corp")))
	_, err := n.Members.Set(t.Context(), admin, member.Set{Resource: granted(), UserID: "ann", Roles: roleOn(granted())})
	if !errors.Is(err, member.ErrNotFound) {
		t.Errorf("on a grant that ended: %v", err)
	}
	grant(t, n)
	// The same roles are a change: the membership under the earlier grant is over.
	before, err := n.MemberStates.Load(t.Context(), n.Tenant, "ann")
	must(t, 0, err)
	set(granted(), permission.ProjectGrantOwner)
	after, err := n.MemberStates.Load(t.Context(), n.Tenant, "ann")
	must(t, 0, err)
	if after.Version != before.Version+1 {
		t.Errorf("version %d, then %d", before.Version, after.Version)
	}
	must(t, 0, discard(n.Organizations.Remove(t.Context(), admin, "acme")))
	for _, r := range []member.Resource{organization("acme"), shop(), granted()} {
		_, err := n.Members.Set(t.Context(), admin, member.Set{Resource: r, UserID: "bob", Roles: roleOn(r)})
		if !errors.Is(err, member.ErrNotFound) {
			t.Errorf("%+v of an organization that is gone: %v", r, err)
		}
	}
}

func roleOn(r member.Resource) []string {
	switch {
	case r.Granted != "":
		return []string{permission.ProjectGrantOwner}
	case r.Project != "":
		return []string{permission.ProjectOwner}
	}
	return []string{permission.OrganizationOwner}
}
