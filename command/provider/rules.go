package provider

import "github.com/signet-iam/signet/command/permission"

// operation names a command; it is the name of the method that runs it.
type operation string

const (
	opAdd    operation = "Add"
	opUpdate operation = "Update"
	opRemove operation = "Remove"
	opTest   operation = "Test"
)

// rules is the one place that says who may do what to providers: the permission is asked for on the provider's organization,
// on the whole instance where it has none. A command that does not stand here is denied to everybody.
func rules(op operation) (permission.Permission, bool) {
	switch op {
	case opAdd, opUpdate, opRemove, opTest:
		return permission.IDPWrite, true
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

// check refuses callers who may not run the command on providers of an organization.
func (g *guard) check(organization string) error {
	if !g.known {
		return permission.ErrDenied
	}
	return g.caller.Check(g.needs, organization)
}
