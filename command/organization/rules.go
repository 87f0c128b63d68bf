package organization

import "github.com/signet-iam/signet/command/permission"

// operation names a command; it is the name of the method that runs it.
type operation string

const (
	opAdd            operation = "Add"
	opRename         operation = "Rename"
	opDeactivate     operation = "Deactivate"
	opActivate       operation = "Activate"
	opRemove         operation = "Remove"
	opSetMetadata    operation = "SetMetadata"
	opRemoveMetadata operation = "RemoveMetadata"
	opAddDomain      operation = "AddDomain"
	opRemoveDomain   operation = "RemoveDomain"
	opRequestProof   operation = "RequestProof"
	opVerifyDomain   operation = "VerifyDomain"
)

// rule says who may run a command.
type rule struct {
	needs permission.Permission
	// anywhere says that the permission has to be held on the whole instance.
	anywhere bool
}

// rules is the one place that says who may do what to organizations. A command that does not stand here is denied to everybody.
func rules(op operation) (rule, bool) {
	switch op {
	case opAdd:
		return rule{needs: permission.OrganizationCreate, anywhere: true}, true
	case opRename, opDeactivate, opActivate, opSetMetadata, opRemoveMetadata, opAddDomain, opRemoveDomain, opRequestProof, opVerifyDomain:
		return rule{needs: permission.OrganizationWrite}, true
	case opRemove:
		return rule{needs: permission.OrganizationDelete}, true
	}
	return rule{}, false
}

// check refuses callers who may not run a command on an organization, whether there is such an organization or not.
func check(op operation, caller *permission.Caller, id string) error {
	r, known := rules(op)
	switch {
	case !caller.Authenticated():
		return permission.ErrUnauthenticated
	case !known:
		return permission.ErrDenied
	case r.anywhere:
		return caller.Check(r.needs, "")
	}
	return caller.Check(r.needs, id)
}
