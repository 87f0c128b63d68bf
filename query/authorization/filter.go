package authorization

import (
	"strings"

	"github.com/signet-iam/signet/query"
)

// Filter is a condition on authorizations: InIDs, OfUsers, InOrganization, OfUserOrganization, OfProject, UnderGrant, StateIs,
// or Text.
type Filter interface {
	write(where *query.Conditions) error
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

const underGrant = "a.project_organization_id <> a.organization_id"

// scope narrows a list to what its viewer may read.
func scope(where *query.Conditions, viewer query.ProjectViewer) {
	organizations, all := viewer.Organizations(query.AuthorizationRead)
	if all {
		return
	}
	readable := []string{"a.user_id = " + where.Bind(viewer.SubjectID())}
	if len(organizations) > 0 {
		readable = append(readable, "a.organization_id = any ("+where.Bind(organizations)+")")
	}
	if projects := viewer.Projects(query.AuthorizationRead); len(projects) > 0 {
		readable = append(readable, "a.project_id = any ("+where.Bind(projects)+")")
	}
	if projects, granted := viewer.Grants(query.AuthorizationRead); len(projects) > 0 {
		pairs := "unnest(" + where.Bind(projects) + "::text[], " + where.Bind(granted) + "::text[])"
		readable = append(readable, underGrant+" and (a.project_id, a.organization_id) in (select * from "+pairs+")")
	}
	where.Write(" and (", strings.Join(readable, " or "), ")")
}

func (f InIDs) write(where *query.Conditions) error   { return where.Amongst("a.id", f) }
func (f OfUsers) write(where *query.Conditions) error { return where.Amongst("a.user_id", f) }

func (f InOrganization) write(where *query.Conditions) error {
	return where.Equals("a.organization_id", string(f))
}
func (f OfUserOrganization) write(where *query.Conditions) error {
	return where.Equals("a.user_organization_id", string(f))
}
func (f OfProject) write(where *query.Conditions) error {
	return where.Equals("a.project_id", string(f))
}

func (f UnderGrant) write(where *query.Conditions) error {
	where.Write(underGrant, " and ")
	return where.Equals("a.organization_id", string(f))
}

func (f StateIs) write(where *query.Conditions) error {
	switch State(f) {
	case Active:
		where.Write("a.active")
	case Inactive:
		where.Write("not a.active")
	default:
		return query.ErrUnknownField
	}
	return nil
}

func (f Text) write(where *query.Conditions) error {
	switch {
	case f.Field >= fieldEnd || !f.Method.Known():
		return query.ErrUnknownField
	case !query.ValidText(f.Value):
		return query.ErrInvalidText
	}
	switch f.Field {
	case LoginName:
		where.Write(f.Method.Condition("u.username", "u.username_lower", f.Value, where.Bind))
	case DisplayName:
		where.Write("(u.kind = 1 and ", f.Method.Condition("u.display_name", "u.display_name_lower", f.Value, where.Bind))
		where.Write(" or u.kind = 2 and ", f.Method.Condition("u.machine_name", "lower(u.machine_name)", f.Value, where.Bind), ")")
	case ProjectName:
		where.Write(f.Method.Condition("p.name", "p.name_lower", f.Value, where.Bind))
	case RoleKey:
		where.Write(hasRole, f.Method.Condition("k.key", "coalesce(r.key_lower, k.key)", f.Value, where.Bind), ")")
	}
	return nil
}
