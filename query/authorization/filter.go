package authorization

import (
	"strconv"
	"strings"

	"github.com/signet-iam/signet/query"
)

// Filter is a condition on authorizations: InIDs, OfUsers, InOrganization, OfUserOrganization, OfProject, UnderGrant, StateIs,
// or Text.
type Filter interface {
	write(b *builder) error
}

type (
	// InIDs holds for authorizations with one of these ids.
	InIDs []string
	// OfUsers holds for those of one of these users.
	OfUsers []string
	// InOrganization holds for those in which users act in this organization.
	InOrganization string
	// OfUserOrganization holds for those of users of this organization.
	OfUserOrganization string
	// OfProject holds for those on this project.
	OfProject string
	// UnderGrant holds for those under a grant to this organization.
	UnderGrant string
	// StateIs holds for those in this state.
	StateIs State
	// Text compares a text that belongs to an authorization.
	Text struct {
		Field  Field
		Method query.TextMethod
		Value  string
	}
)

// Field is a text that belongs to an authorization.
type Field uint8

// The fields.
const (
	LoginName Field = iota
	DisplayName
	ProjectName
	RoleKey // of any of the roles
	fieldEnd
)

// builder writes the conditions of one list. Text that reaches sql comes from this package only; every value becomes a
// parameter.
type builder struct {
	sql    strings.Builder
	args   []any
	listed int
}

// bind makes a value the next parameter and returns its placeholder.
func (b *builder) bind(value any) string {
	b.args = append(b.args, value)
	return "$" + strconv.Itoa(len(b.args))
}

func (b *builder) write(parts ...string) {
	for _, p := range parts {
		b.sql.WriteString(p)
	}
}

const underGrant = "a.project_organization_id <> a.organization_id"

// scope narrows a list to what its viewer may read.
func (b *builder) scope(viewer query.ProjectViewer) {
	organizations, all := viewer.Organizations(query.AuthorizationRead)
	if all {
		return
	}
	readable := []string{"a.user_id = " + b.bind(viewer.SubjectID())}
	if len(organizations) > 0 {
		readable = append(readable, "a.organization_id = any ("+b.bind(organizations)+")")
	}
	if projects := viewer.Projects(query.AuthorizationRead); len(projects) > 0 {
		readable = append(readable, "a.project_id = any ("+b.bind(projects)+")")
	}
	if projects, granted := viewer.Grants(query.AuthorizationRead); len(projects) > 0 {
		pairs := "unnest(" + b.bind(projects) + "::text[], " + b.bind(granted) + "::text[])"
		readable = append(readable, underGrant+" and (a.project_id, a.organization_id) in (select * from "+pairs+")")
	}
	b.write(" and (", strings.Join(readable, " or "), ")")
}

func (f InIDs) write(b *builder) error   { return b.amongst("a.id", f) }
func (f OfUsers) write(b *builder) error { return b.amongst("a.user_id", f) }

func (f InOrganization) write(b *builder) error { return b.equals("a.organization_id", string(f)) }
func (f OfUserOrganization) write(b *builder) error {
	return b.equals("a.user_organization_id", string(f))
}
func (f OfProject) write(b *builder) error { return b.equals("a.project_id", string(f)) }

func (f UnderGrant) write(b *builder) error {
	b.write(underGrant, " and ")
	return b.equals("a.organization_id", string(f))
}

func (f StateIs) write(b *builder) error {
	switch State(f) {
	case Active:
		b.write("a.active")
	case Inactive:
		b.write("not a.active")
	default:
		return errUnknownField
	}
	return nil
}

func (f Text) write(b *builder) error {
	switch {
	case f.Field >= fieldEnd || !f.Method.Known():
		return errUnknownField
	case !validText(f.Value):
		return errInvalidText
	}
	switch f.Field {
	case LoginName:
		b.write(f.Method.Condition("u.username", "u.username_lower", f.Value, b.bind))
	case DisplayName:
		b.write("(u.kind = 1 and ", f.Method.Condition("u.display_name", "u.display_name_lower", f.Value, b.bind))
		b.write(" or u.kind = 2 and ", f.Method.Condition("u.machine_name", "lower(u.machine_name)", f.Value, b.bind), ")")
	case ProjectName:
		b.write(f.Method.Condition("p.name", "p.name_lower", f.Value, b.bind))
	case RoleKey:
		b.write(hasRole, f.Method.Condition("k.key", "coalesce(r.key_lower, k.key)", f.Value, b.bind), ")")
	}
	return nil
}

func (b *builder) amongst(column string, ids []string) error {
	if b.listed += len(ids); b.listed > MaxListed {
		return errTooManyListed
	}
	for _, id := range ids {
		if !validText(id) {
			return errInvalidText
		}
	}
	b.write(column, " = any (", b.bind(ids), ")")
	return nil
}

func (b *builder) equals(column, value string) error {
	if !validText(value) {
		return errInvalidText
	}
	b.write(column, " = ", b.bind(value))
	return nil
}

// validText reports whether Postgres can take a text and an index could hold it.
func validText(v string) bool { return len(v) <= MaxText && !strings.Contains(v, "\x00") }
