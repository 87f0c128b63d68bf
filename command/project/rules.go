package project

import "github.com/signet-iam/signet/command/permission"

// operation names a command; it is the name of the method that runs it.
type operation string

const (
	opCreate          operation = "Create"
	opUpdate          operation = "Update"
	opDeactivate      operation = "Deactivate"
	opActivate        operation = "Activate"
	opRemove          operation = "Remove"
	opAddRole         operation = "AddRole"
	opUpdateRole      operation = "UpdateRole"
	opRemoveRole      operation = "RemoveRole"
	opAddGrant        operation = "AddGrant"
	opUpdateGrant     operation = "UpdateGrant"
	opDeactivateGrant operation = "DeactivateGrant"
	opActivateGrant   operation = "ActivateGrant"
	opRemoveGrant     operation = "RemoveGrant"
)

// rules is the one place that says who may do what to projects. The permission is asked for on the project and on the organization
// that owns it; an organization that a project is granted to may change nothing about it. A command that does not stand here is
// denied to everybody.
func rules(op operation) (permission.Permission, bool) {
	switch op {
	case opCreate:
		return permission.ProjectCreate, true
	case opUpdate, opDeactivate, opActivate:
		return permission.ProjectWrite, true
	case opRemove:
		return permission.ProjectDelete, true
	case opAddRole, opUpdateRole, opRemoveRole:
		return permission.ProjectRoleWrite, true
	case opAddGrant, opUpdateGrant, opDeactivateGrant, opActivateGrant, opRemoveGrant:
		return permission.ProjectGrantWrite, true
	}
	return "", false
}

// guard is the check of one run of a command.
type guard struct {
	needs  permission.Permission
	known  bool // the command has a rule
	caller *permission.Caller
}

// newGuard looks the rule up. Its refusal is that of a caller who is nobody.
func newGuard(op operation, caller *permission.Caller) (guard, error) {
	if !caller.Authenticated() {
		return guard{}, permission.ErrUnauthenticated
	}
	needs, known := rules(op)
	return guard{needs: needs, known: known, caller: caller}, nil
}

// check refuses callers who may not run the command there.
func (g *guard) check(at permission.Scope) error {
	if !g.known {
		return permission.ErrDenied
	}
	return g.caller.CheckAt(g.needs, at)
}
