package query_test

import (
	"testing"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/query"
)

// The write side's callers are the read side's viewers, and both mean the same permissions.
func TestCallersAreViewers(t *testing.T) {
	t.Parallel()
	var (
		who      = permission.Identity{Tenant: "default", UserID: "ann", Organization: "o1"}
		owner    = permission.NewCaller(who, permission.Membership{Roles: []permission.Role{permission.InstanceOwner}})
		manager  = permission.NewCaller(who, permission.Membership{Organization: "o1", Roles: []permission.Role{permission.OrganizationOwner}})
		plain    = permission.NewCaller(who)
		_        = []query.Viewer{owner, manager, plain}
		readOnly = []string{query.UserRead, query.AuditRead, query.SessionRead}
	)
	for _, p := range append(readOnly, query.InboxRead) {
		if !owner.May(p, "") || !query.MayAnywhere(owner, p) || query.MayAnywhere(plain, p) {
			t.Errorf("%s: not known to the write side, or given to everybody", p)
		}
	}
	for _, p := range readOnly {
		if manager.May(p, "") || manager.May(p, "o2") || !manager.May(p, "o1") || !query.MayAnywhere(manager, p) {
			t.Errorf("%s: a manager's permission is not that of its organization", p)
		}
	}
	if query.MayAnywhere(manager, query.InboxRead) {
		t.Error("the inbox is for administrators of the tenant")
	}
	if query.MayAnywhere((*permission.Caller)(nil), query.UserRead) {
		t.Error("nobody may read")
	}
}
