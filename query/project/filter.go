package project

import (
	"slices"
	"strings"

	"github.com/signet-iam/signet/query"
)

// Limits of the conditions of one list.
const (
	MaxFilters = 20
	MaxListed  = 1000 // values in all InIDs together
	MaxText    = 1024 // bytes of one text
)

// Filter is a condition on projects: Named, InIDs or OfOrganization.
type Filter interface {
	project(b *builder, as view) error
}

// RoleFilter is a condition on roles: RoleKey or RoleDisplayName.
type RoleFilter interface {
	role(b *builder) error
}

// GrantFilter is a condition on grants: Named, InIDs, OwnedBy, GrantedTo or RoleKey.
type GrantFilter interface {
	grant(b *builder) error
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

func (f Named) project(b *builder, _ view) error { return b.compare("p.name", f.Is, f.Value) }
func (f Named) grant(b *builder) error           { return b.compare("p.name", f.Is, f.Value) }

func (f InIDs) project(b *builder, _ view) error { return b.amongst("p.id", f) }
func (f InIDs) grant(b *builder) error           { return b.amongst("g.project_id", f) }

func (f OfOrganization) project(b *builder, as view) error {
	switch {
	case f.By >= relationEnd:
		return errUnknownRelated
	case as == asOwned && f.By != Granting:
		return b.equals("p.organization_id", f.ID)
	case as == asGranted && f.By != Owned:
		return b.equals("g.granted_organization_id", f.ID)
	}
	b.write("false")
	return nil
}

func (f OwnedBy) grant(b *builder) error   { return b.equals("g.organization_id", string(f)) }
func (f GrantedTo) grant(b *builder) error { return b.equals("g.granted_organization_id", string(f)) }

func (f RoleKey) role(b *builder) error { return b.compare("r.key", f.Is, f.Value) }

func (f RoleKey) grant(b *builder) error {
	b.write(`exists (select from projection.projects_roles r
                 where r.tenant = g.tenant and r.project_id = g.project_id and r.key = any (g.roles) and `)
	err := b.compare("r.key", f.Is, f.Value)
	b.write(")")
	return err
}

func (f RoleDisplayName) role(b *builder) error { return b.compare("r.display_name", f.Is, f.Value) }

// compare compares a column beside which stands one with its lower case.
func (b *builder) compare(column string, is query.TextMethod, value string) error {
	switch {
	case !is.Known():
		return errUnknownMethod
	case !validText(value):
		return errInvalidText
	}
	b.write(is.Condition(column, column+"_lower", value, b.bind))
	return nil
}

func (b *builder) equals(column, value string) error {
	if !validText(value) {
		return errInvalidText
	}
	b.write(column, " = ", b.bind(value))
	return nil
}

func (b *builder) amongst(column string, ids []string) error {
	if b.listed += len(ids); b.listed > MaxListed {
		return errTooManyListed
	}
	if slices.ContainsFunc(ids, func(id string) bool { return !validText(id) }) {
		return errInvalidText
	}
	b.write(column, " = any (", b.bind(ids), ")")
	return nil
}

// validText reports whether Postgres can take a text and an index could hold it.
func validText(v string) bool { return len(v) <= MaxText && !strings.Contains(v, "\x00") }
