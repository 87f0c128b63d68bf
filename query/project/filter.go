package project

import "github.com/signet-iam/signet/query"

// Filter is a condition on projects: Named, InIDs or OfOrganization.
type Filter interface {
	project(where *query.Conditions, as view) error
}

// RoleFilter is a condition on roles: RoleKey or RoleDisplayName.
type RoleFilter interface {
	role(where *query.Conditions) error
}

// GrantFilter is a condition on grants: Named, InIDs, OwnedBy, GrantedTo or RoleKey.
type GrantFilter interface {
	grant(where *query.Conditions) error
}

type (
	// Named compares the name of the project.
	Named struct {
		Is    query.TextMethod
		Value string
	}
	// InIDs holds for projects with one of these ids.
	InIDs []string
	// OfOrganization holds for projects that an organization has.
	OfOrganization struct {
		ID string
		By Relation
	}
	// OwnedBy holds for grants of projects of this organization.
	OwnedBy string
	// GrantedTo holds for grants to this organization.
	GrantedTo string
	// RoleKey compares the key of a role. It holds for grants of any such role.
	RoleKey struct {
		Is    query.TextMethod
		Value string
	}
	// RoleDisplayName compares the text under which a role is shown.
	RoleDisplayName struct {
		Is    query.TextMethod
		Value string
	}
)

// Relation is how an organization has a project.
type Relation uint8

// The relations.
const (
	OwnedOrGranted Relation = iota
	Owned
	Granting // as it was granted to the organization
	relationEnd
)

// view is a way to see a project.
type view uint8

const (
	asOwned view = iota
	asGranted
)

func (f Named) project(where *query.Conditions, _ view) error {
	return compare(where, "p.name", f.Is, f.Value)
}
func (f Named) grant(where *query.Conditions) error { return compare(where, "p.name", f.Is, f.Value) }

func (f InIDs) project(where *query.Conditions, _ view) error { return where.Amongst("p.id", f) }
func (f InIDs) grant(where *query.Conditions) error           { return where.Amongst("g.project_id", f) }

func (f OfOrganization) project(where *query.Conditions, as view) error {
	switch {
	case f.By >= relationEnd:
		return errUnknownRelated
	case as == asOwned && f.By != Granting:
		return where.Equals("p.organization_id", f.ID)
	case as == asGranted && f.By != Owned:
		return where.Equals("g.granted_organization_id", f.ID)
	}
	where.Write("false")
	return nil
}

func (f OwnedBy) grant(where *query.Conditions) error {
	return where.Equals("g.organization_id", string(f))
}
func (f GrantedTo) grant(where *query.Conditions) error {
	return where.Equals("g.granted_organization_id", string(f))
}

func (f RoleKey) role(where *query.Conditions) error { return compare(where, "r.key", f.Is, f.Value) }

func (f RoleKey) grant(where *query.Conditions) error {
	where.Write(`exists (select from projection.projects_roles r
                 where r.tenant = g.tenant and r.project_id = g.project_id and r.key = any (g.roles) and `)
	err := compare(where, "r.key", f.Is, f.Value)
	where.Write(")")
	return err
}

func (f RoleDisplayName) role(where *query.Conditions) error {
	return compare(where, "r.display_name", f.Is, f.Value)
}

// compare compares a column beside which stands one with its lower case.
func compare(where *query.Conditions, column string, is query.TextMethod, value string) error {
	return where.Text(column, column+"_lower", is, value)
}
