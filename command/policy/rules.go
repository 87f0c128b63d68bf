package policy

import "github.com/signet-iam/signet/command/permission"

// operation names a command; it is the name of the function that runs it.
type operation string

const (
	opSet             operation = "Set"
	opReset           operation = "Reset"
	opSetTranslation  operation = "SetTranslation"
	opRead            operation = "Read"
	opReadSecurity    operation = "Read of security"
	opReadTranslation operation = "ReadTranslation"
)

// rule says who may run a command.
type rule struct {
	needs    permission.Permission // on the organization
	instance permission.Permission // where it is about the whole instance
	users    bool                  // of the organization may too; about the instance everybody who is signed in
}

// rules is the one place that says who may do what to policies. A command that does not stand here is denied to everybody.
func rules(op operation) (rule, bool) {
	switch op {
	case opSet, opReset, opSetTranslation:
		return rule{needs: permission.PolicyWrite, instance: permission.InstanceWrite}, true
	case opRead, opReadTranslation:
		return rule{needs: permission.PolicyRead, instance: permission.PolicyRead, users: true}, true
	case opReadSecurity:
		return rule{needs: permission.PolicyRead, instance: permission.PolicyRead}, true
	}
	return rule{}, false
}

// guard is the check of one run of a command.
type guard struct {
	rule
	known  bool // the command has a rule
	caller *permission.Caller
}

// newGuard looks the rule up. Its refusal is that of a caller who is nobody.
func newGuard(op operation, caller *permission.Caller) (guard, error) {
	if !caller.Authenticated() {
		return guard{}, permission.ErrUnauthenticated
	}
	r, known := rules(op)
	return guard{rule: r, known: known, caller: caller}, nil
}

// check refuses callers who may not run the command on an organization's policies; empty stands for the instance.
func (g *guard) check(organization string) error {
	switch {
	case !g.known:
		return permission.ErrDenied
	case g.users && (organization == "" || organization == g.caller.Organization):
		return nil
	case organization == "":
		return g.caller.Check(g.instance, "")
	}
	return g.caller.Check(g.needs, organization)
}
