package apply

import (
	"cmp"
	"fmt"
)

// Kind is what something is, in the order in which things can come to be.
type Kind int

// What files can say something about.
const (
	Organization Kind = iota + 1
	Policy
	Project
	Role          // of a project
	Grant         // of a project to an organization
	Provider      // an identity provider
	Machine       // a machine user
	Membership    // a user's roles on the instance, an organization, a project or a grant
	Authorization // a user's roles of a project
)

// Key names a thing. Fields that its kind has no use for are empty.
type Key struct {
	Kind Kind
	// ID of an organization, project or machine user, key of a role, name of a policy or provider.
	ID string
	// Organization whose policy or provider it is, empty for the instance; that a project is granted to; in which an authorization
	// counts; on which a membership is held.
	Organization string
	// Project of a role, grant, membership or authorization.
	Project string
	// User of a membership or authorization.
	User string
}

// String names the thing in a plan.
func (k Key) String() string {
	id, organization, project, user := shown(k.ID), shown(k.Organization), shown(k.Project), shown(k.User)
	switch k.Kind {
	case Organization:
		return "organization " + id
	case Policy:
		return fmt.Sprintf("policy %s of %s", id, cmp.Or(organization, instance))
	case Project:
		return "project " + id
	case Role:
		return fmt.Sprintf("role %s of project %s", id, project)
	case Grant:
		return fmt.Sprintf("grant of project %s to %s", project, organization)
	case Provider:
		return fmt.Sprintf("identity provider %s of %s", id, cmp.Or(organization, instance))
	case Machine:
		return "machine user " + id
	case Membership:
		return fmt.Sprintf("membership of %s on %s", user, k.resource())
	case Authorization:
		return fmt.Sprintf("authorization of %s for project %s in %s", user, project, organization)
	}
	return "nothing"
}

const instance = "the instance"

// resource names what a membership is held on.
func (k Key) resource() string {
	switch {
	case k.Project != "" && k.Organization != "":
		return fmt.Sprintf("project %s as granted to %s", shown(k.Project), shown(k.Organization))
	case k.Project != "":
		return "project " + shown(k.Project)
	case k.Organization != "":
		return "organization " + shown(k.Organization)
	}
	return instance
}

// complete reports whether the key has what its kind needs.
func (k Key) complete() bool {
	switch k.Kind {
	case Role:
		return k.ID != "" && k.Project != ""
	case Grant:
		return k.Project != "" && k.Organization != ""
	case Membership:
		return k.User != ""
	case Authorization:
		return k.User != "" && k.Project != "" && k.Organization != ""
	}
	return k.ID != ""
}

// compare orders keys by kind, then by name.
func compare(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Project, b.Project),
		cmp.Compare(a.User, b.User), cmp.Compare(a.ID, b.ID))
}

// Fields are the values of a thing by path, such as "oidc.client_id", each in its one canonical text.
type Fields map[string]string

// Fields that are none of a message of the API.
const (
	fieldState        = "state"
	fieldOrganization = "organization" // that a project or a machine user belongs to; it never changes
	fieldRoles        = "roles"
	fieldUsername     = "username"
)

// States of things that can be switched off.
const (
	stateActive   = "active"
	stateInactive = "inactive"
	stateLocked   = "locked" // of users, on the server only
	stateAbsent   = "absent" // in files only
)

// Thing is something as files want it or as the server has it.
type Thing struct {
	// Absent is what is to be removed. It has no fields.
	Absent bool
	// Fields that a file writes, or all that the server has.
	Fields Fields
	// Secrets that go along with changes. They are never printed.
	Secrets Fields
	// Needs are the things without which this cannot be.
	Needs []Key
	// At is where a file says it.
	At Place
}

// State is a number of things.
type State map[Key]*Thing

// Place is a line of a file.
type Place struct {
	File string
	Line int
}

// String is the place as compilers write it.
func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }
