package querytest

import (
	"maps"
	"slices"

	"github.com/signet-iam/signet/command/permission"
)

// Caller returns somebody of the world who holds random roles: in most cases few.
func (w *World) Caller() *permission.Caller {
	who := permission.Identity{Tenant: w.Tenant, UserID: w.pick(append(slices.Sorted(maps.Keys(w.Homes)), "stranger"))}
	var memberships []permission.Membership
	for range w.random.IntN(4) {
		definitions := permission.Definitions()
		d := definitions[w.random.IntN(len(definitions))]
		m := permission.Membership{Roles: []permission.Role{d.Role}}
		switch d.Level {
		case permission.OnInstance:
			if w.random.IntN(3) > 0 {
				continue
			}
		case permission.OnOrganization:
			m.Organization = w.pick(organizationIDs())
		case permission.OnProject:
			m.Project = w.pick(projectIDs())
		case permission.OnProjectGrant:
			m.Project, m.Granted = w.pick(projectIDs()), w.pick(organizationIDs())
		}
		memberships = append(memberships, m)
	}
	return permission.NewCaller(who, memberships...)
}

// Owner returns the organization that owns a project.
func (w *World) Owner(id string) string { return w.projects[id].owner }
