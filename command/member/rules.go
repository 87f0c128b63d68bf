package member

import "github.com/signet-iam/signet/command/permission"

// operation names a command; it is the name of the method that runs it.
type operation string

const (
	opSet     operation = "Set"
	opAppoint operation = "Appoint"
	opRemove  operation = "Remove"
)

// rules is the one place that says who may do what to memberships: the permission is asked for on the resource. A command that
// does not stand here is denied to everybody.
func rules(op operation, level permission.Level) (permission.Permission, bool) {
	switch op {
	case opSet, opAppoint, opRemove:
		switch level {
		case permission.OnInstance:
			return permission.InstanceMemberWrite, true
		case permission.OnOrganization:
			return permission.OrganizationMemberWrite, true
		case permission.OnProject, permission.OnProjectGrant:
			return permission.ProjectMemberWrite, true
		}
	}
	return "", false
}

// check refuses callers who may not run a command on members of a resource.
func check(op operation, caller *permission.Caller, at *place) error {
	needs, known := rules(op, at.level)
	if !known || !at.on.may(caller, needs) {
		return permission.ErrDenied
	}
	return nil
}

// given returns the permissions that roles of a level give.
func given(level permission.Level, roles []permission.Role) (all []permission.Permission, err error) {
	table := permission.Definitions()
	for _, role := range roles {
		known := false
		for _, d := range table {
			if d.Level == level && d.Role == role {
				known, all = true, append(all, d.Permissions...)
			}
		}
		if !known {
			return nil, ErrRole
		}
	}
	return all, nil
}
