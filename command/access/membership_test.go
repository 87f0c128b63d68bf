package access_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/user"
)

// may reports whether the holder of a token holds a permission somewhere.
func may(t testing.TB, n *commandtest.Node, token string, p permission.Permission, at permission.Scope) bool {
	t.Helper()
	caller, err := n.Access.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return caller.MayAt(p, at)
}

func do(t testing.TB, _ any, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// shop adds a project of the organization acme, which is granted to corp.
func shop(t testing.TB, n *commandtest.Node) {
	t.Helper()
	for _, id := range []string{"acme", "corp"} {
		_, err := n.Organizations.Add(t.Context(), commandtest.Admin(), id, id)
		do(t, nil, err)
	}
	_, err := n.Projects.Create(t.Context(), commandtest.Admin(), project.Create{ID: "shop", Organization: "acme", Name: "Shop"})
	do(t, nil, err)
	grantShop(t, n)
}

func grantShop(t testing.TB, n *commandtest.Node) {
	t.Helper()
	_, err := n.Projects.AddGrant(t.Context(), commandtest.Admin(), project.AddGrant{ProjectID: "shop", Organization: "corp"})
	do(t, nil, err)
}

// Roles on every level count from the next request on, and no longer than that: at once where they change, and elsewhere as soon as
// the node has read that far.
func TestRolesCountAtOnce(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	shop(t, n)
	other := n.Another(t)
	for name, c := range map[string]struct {
		on   member.Resource
		role permission.Role
		may  permission.Permission
		at   permission.Scope
		not  permission.Scope
	}{
		"instance": {
			member.Resource{Instance: true}, permission.InstanceUserManager, permission.UserWrite, permission.Scope{Organization: "corp"}, permission.Scope{},
		},
		"organization": {
			member.Resource{Organization: "acme"}, permission.OrganizationOwner, permission.UserWrite, permission.Scope{Organization: "acme"},
			permission.Scope{Organization: "corp"},
		},
		"project": {
			member.Resource{Project: "shop"}, permission.ProjectOwner, permission.ProjectWrite,
			permission.Scope{Organization: "acme", Project: "shop"}, permission.Scope{Organization: "acme"},
		},
		"grant": {
			member.Resource{Project: "shop", Granted: "corp"}, permission.ProjectGrantOwner, permission.AuthorizationWrite,
			permission.Scope{Organization: "acme", Project: "shop", Granted: "corp"}, permission.Scope{Organization: "acme", Project: "shop"},
		},
	} {
		check := func(when string, want bool, nodes ...*commandtest.Node) {
			t.Helper()
			for _, node := range nodes {
				if got := may(t, node, token.Token, c.may, c.at); got != want {
					t.Errorf("%s, %s: may %v", name, when, got)
				}
				if c.on.Instance {
					continue
				}
				if may(t, node, token.Token, c.may, c.not) {
					t.Errorf("%s, %s: may beyond it", name, when)
				}
			}
		}
		check("before", false, n, other)
		before := other.Store.HighWater()
		_, err := n.Members.Set(t.Context(), commandtest.Admin(), member.Set{Resource: c.on, UserID: "robot", Roles: []string{c.role}})
		do(t, nil, err)
		check("given", true, n)
		readOn(t, other, before)
		check("given, elsewhere", true, other)
		before = other.Store.HighWater()
		_, err = n.Members.Remove(t.Context(), commandtest.Admin(), c.on, "robot")
		do(t, nil, err)
		check("taken", false, n)
		readOn(t, other, before)
		check("taken, elsewhere", false, other)
	}
}

// While callers use a token without pause a role is taken away: after the answer nobody has it, on the same node.
func TestTakenRolesAreGoneAtOnce(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	on := member.Resource{Organization: "default"}
	var phase atomic.Int64 // odd after the answer that the role is gone
	var wrong, right atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				began := phase.Load()
				caller, err := n.Access.Authenticate(context.Background(), token.Token)
				holds := err == nil && caller.May(permission.UserWrite, "default")
				if holds && began%2 == 1 && began == phase.Load() {
					wrong.Add(1)
				} else if holds {
					right.Add(1)
				}
				runtime.Gosched()
			}
		})
	}
	for range 25 {
		_, err := n.Members.Set(t.Context(), commandtest.Admin(), member.Set{Resource: on, UserID: "robot", Roles: []string{permission.OrganizationOwner}})
		do(t, nil, err)
		if !may(t, n, token.Token, permission.UserWrite, permission.Scope{Organization: "default"}) {
			t.Error("a role that was given does not count")
		}
		_, err = n.Members.Remove(t.Context(), commandtest.Admin(), on, "robot")
		do(t, nil, err)
		phase.Add(1)
		if may(t, n, token.Token, permission.UserWrite, permission.Scope{Organization: "default"}) {
			t.Error("a role that was taken away counts")
		}
		phase.Add(1)
	}
	close(stop)
	wg.Wait()
	if wrong.Load() > 0 || right.Load() == 0 {
		t.Errorf("%d with the role after it was taken away, %d before", wrong.Load(), right.Load())
	}
}

// A grant that is made again begins without members, and so does a user.
func TestMembershipsDoNotComeBack(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	shop(t, n)
	other := n.Another(t)
	at := permission.Scope{Organization: "acme", Project: "shop", Granted: "corp"}
	check := func(when, token string, want bool) {
		t.Helper()
		readOn(t, other, 0)
		for _, node := range []*commandtest.Node{n, other} {
			if got := may(t, node, token, permission.AuthorizationWrite, at); got != want {
				t.Errorf("%s: may %v", when, got)
			}
		}
	}
	_, err := n.Members.Set(t.Context(), commandtest.Admin(), member.Set{
		Resource: member.Resource{Project: "shop", Granted: "corp"}, UserID: "robot", Roles: []string{permission.ProjectGrantOwner},
	})
	do(t, nil, err)
	check("member", token.Token, true)
	_, err = n.Projects.RemoveGrant(t.Context(), commandtest.Admin(), "shop", "corp")
	do(t, nil, err)
	check("the grant has ended", token.Token, false)
	grantShop(t, n)
	check("another grant", token.Token, false)

	_, err = n.Members.Set(t.Context(), commandtest.Admin(), member.Set{
		Resource: member.Resource{Project: "shop"}, UserID: "robot", Roles: []string{permission.ProjectOwner},
	})
	do(t, nil, err)
	check("member of the project", token.Token, true)
	_, err = n.Users.Delete(t.Context(), system(), "robot")
	do(t, nil, err)
	added, err := n.Users.AddMachine(t.Context(), system(), user.AddMachine{
		UserID: "robot", Organization: "default", Name: "Another", Token: &user.NewToken{},
	})
	do(t, nil, err)
	check("another user", added.Token.Token, false)
}

// Tokens of users of an organization that is not active are refused, whatever their kind, and are good again with it.
func TestTheOrganizationOfAUser(t *testing.T) {
	t.Parallel()
	n, _ := robot(t, user.NewToken{})
	_, err := n.Organizations.Add(t.Context(), commandtest.Admin(), "acme", "Acme")
	do(t, nil, err)
	added, err := n.Users.AddMachine(t.Context(), system(), user.AddMachine{
		UserID: "worker", Organization: "acme", Name: "Worker", Token: &user.NewToken{},
	})
	do(t, nil, err)
	s := signIn(t, n, "worker", added.Token.ID)
	tokens := s.tokens()
	tokens["personal access token"] = added.Token.Token
	other := n.Another(t)
	change := func(change func() error) {
		t.Helper()
		before := other.Store.HighWater()
		do(t, nil, change())
		readOn(t, other, before)
	}
	for range 2 {
		for kind, token := range tokens {
			good(t, kind, token, n, other)
		}
		change(func() error { _, err := n.Organizations.Deactivate(t.Context(), system(), "acme"); return err })
		for kind, token := range tokens {
			refused(t, kind, token, n, other)
		}
		change(func() error { _, err := n.Organizations.Activate(t.Context(), system(), "acme"); return err })
	}
	change(func() error { _, err := n.Organizations.Remove(t.Context(), system(), "acme"); return err })
	for kind, token := range tokens {
		refused(t, kind+", removed", token, n, other)
	}
}
