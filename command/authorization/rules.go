package authorization

import "github.com/signet-iam/signet/command/permission"

// operation names a command; it is the name of the method that runs it.
type operation string

const (
	opCreate     operation = "Create"
	opUpdate     operation = "Update"
	opActivate   operation = "Activate"
	opDeactivate operation = "Deactivate"
	opRemove     operation = "Remove"
)

// rules is the one place that says who may do what to authorizations: the permission is asked for in the organization in which
// the user acts, on the project, and under a grant on the grant. A command that does not stand here is denied to everybody.
func rules(op operation) (permission.Permission, bool) {
	switch op {
	case opCreate, opUpdate, opActivate, opDeactivate, opRemove:
		return permission.AuthorizationWrite, true
	}
	return "", false
}

// check refuses callers who may not run a command on authorizations of a kind.
func check(op operation, caller *permission.Caller, b *basis) error {
	needs, known := rules(op)
	if !known {
		return permission.ErrDenied
	}
	return caller.CheckAt(needs, b.scope())
}
