package member

import (
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Resource is what roles are held on: the instance, an organization, a project, or a project as it was granted to an
// organization.
type Resource struct {
	Instance     bool
	Organization string // alone: the organization; of a project its owner, which commands find out by themselves
	Project      string
	Granted      string // the organization that the project was granted to
}

// level returns on which level of roles a resource is. A resource that is none, or several, is on none.
func (r *Resource) level() (permission.Level, bool) {
	valid := func(ids ...string) bool {
		for _, id := range ids {
			if !command.ValidID(id) {
				return false
			}
		}
		return true
	}
	switch {
	case r.Instance:
		return permission.OnInstance, *r == Resource{Instance: true}
	case r.Granted != "":
		return permission.OnProjectGrant, valid(r.Project, r.Granted)
	case r.Project != "":
		return permission.OnProject, valid(r.Project)
	default:
		return permission.OnOrganization, valid(r.Organization)
	}
}

func (r *Resource) membership(roles []permission.Role) permission.Membership {
	return permission.Membership{Organization: r.Organization, Project: r.Project, Granted: r.Granted, Roles: roles}
}

// scopes returns where permissions on the resource may be held. A granted project is also the business of the organization that
// it was granted to.
func (r *Resource) scopes() []permission.Scope {
	scopes := []permission.Scope{{Organization: r.Organization, Project: r.Project, Granted: r.Granted}}
	if r.Granted != "" {
		scopes = append(scopes, permission.Scope{Organization: r.Granted, Project: r.Project, Granted: r.Granted})
	}
	return scopes
}

// may reports whether a caller holds a permission on the resource.
func (r *Resource) may(caller *permission.Caller, p permission.Permission) bool {
	for _, at := range r.scopes() {
		if caller.MayAt(p, at) {
			return true
		}
	}
	return false
}
