package member_test

import (
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
)

func must[T any](t testing.TB, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// scene returns a node with the organizations acme and corp, the project shop of acme, which is granted to corp, and the users
// ann of the default organization and bob of acme.
func scene(t testing.TB) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	for _, id := range []string{"acme", "corp"} {
		_, err := n.Organizations.Add(t.Context(), commandtest.Admin(), id, id)
		must(t, 0, err)
	}
	_, err := n.Projects.Create(t.Context(), commandtest.Admin(), project.Create{ID: "shop", Organization: "acme", Name: "Shop"})
	must(t, 0, err)
	grant(t, n)
	person(t, n, "ann", "default")
	person(t, n, "bob", "acme")
	return n
}

func grant(t testing.TB, n *commandtest.Node) {
	t.Helper()
	_, err := n.Projects.AddGrant(t.Context(), commandtest.Admin(), project.AddGrant{ProjectID: "shop", Organization: "corp"})
	must(t, 0, err)
}

func person(t testing.TB, n *commandtest.Node, id, organization string) {
	t.Helper()
	n.Given(t, id, &eventv1.UserHumanAdded{OrganizationId: organization, Username: id, Profile: &eventv1.Profile{GivenName: id}})
}

func instance() member.Resource              { return member.Resource{Instance: true} }
func organization(id string) member.Resource { return member.Resource{Organization: id} }
func shop() member.Resource                  { return member.Resource{Project: "shop"} }
func granted() member.Resource               { return member.Resource{Project: "shop", Granted: "corp"} }

func on(organization string, roles ...string) permission.Membership {
	return permission.Membership{Organization: organization, Roles: roles}
}

func onShop(granted string, roles ...string) permission.Membership {
	return permission.Membership{Organization: "acme", Project: "shop", Granted: granted, Roles: roles}
}

// held returns the roles of a user on a resource, as the log has them.
func held(t testing.TB, n *commandtest.Node, userID string, r member.Resource) []string {
	t.Helper()
	holder := userStates(t, n, userID)
	if r.Instance {
		snap, err := n.Instances.Load(t.Context(), n.Tenant, n.Tenant)
		return must(t, snap, err).State.Roles(userID, holder.Added)
	}
	snap, err := n.MemberStates.Load(t.Context(), n.Tenant, userID)
	must(t, 0, err)
	for _, m := range snap.State.Memberships(holder.Added) {
		if m.Project == r.Project && m.Granted == r.Granted && (r.Project != "" || m.Organization == r.Organization) {
			return m.Roles
		}
	}
	return nil
}
