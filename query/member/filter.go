package member

import (
	"strings"

	"github.com/signet-iam/signet/query"
)

// Filter is a condition on memberships: On, OnLevel, OfUsers, or WithRole.
type Filter interface {
	write(where *query.Conditions) error
}

type (
	// On holds for memberships on exactly this resource. The owner of a project may be left out, and the project of a grant:
	// then it holds for all grants to an organization.
	On Resource
	// OnLevel holds for memberships on a kind of resource.
	OnLevel Level
	// OfUsers holds for those of one of these users.
	OfUsers []string
	// WithRole holds for those that have this role among others.
	WithRole string
)

// The conditions of the levels.
const (
	onInstance     = "m.organization_id = ''"
	onOrganization = "m.organization_id <> '' and m.project_id = ''"
	onProjects     = "m.project_id <> ''" // granted or not
)

// scope narrows a list to what its viewer may read.
func scope(where *query.Conditions, viewer query.ProjectViewer) {
	readable := []string{"m.user_id = " + where.Bind(viewer.SubjectID())}
	if viewer.May(query.InstanceMemberRead, "") {
		readable = append(readable, onInstance)
	}
	switch organizations, all := viewer.Organizations(query.OrganizationMemberRead); {
	case all:
		readable = append(readable, onOrganization)
	case len(organizations) > 0:
		readable = append(readable, "m.project_id = '' and m.organization_id = any ("+where.Bind(organizations)+")")
	}
	where.Write(" and (", strings.Join(append(readable, onProjectsOf(where, viewer)...), " or "), ")")
}

// onProjectsOf returns what a viewer may read on projects.
func onProjectsOf(where *query.Conditions, viewer query.ProjectViewer) (readable []string) {
	organizations, all := viewer.Organizations(query.ProjectMemberRead)
	if all {
		return []string{onProjects}
	}
	if len(organizations) > 0 {
		ids := where.Bind(organizations)
		readable = append(readable,
			onProjects+" and m.organization_id = any ("+ids+")",
			"m.granted_id = any ("+ids+")")
	}
	if projects := viewer.Projects(query.ProjectMemberRead); len(projects) > 0 {
		readable = append(readable, "m.project_id = any ("+where.Bind(projects)+")")
	}
	if projects, granted := viewer.Grants(query.ProjectMemberRead); len(projects) > 0 {
		pairs := "unnest(" + where.Bind(projects) + "::text[], " + where.Bind(granted) + "::text[])"
		readable = append(readable, "(m.project_id, m.granted_id) in (select * from "+pairs+")")
	}
	return readable
}

func (f On) write(where *query.Conditions) error {
	for _, id := range []string{f.Organization, f.Project, f.Granted} {
		if !query.ValidText(id) {
			return query.ErrInvalidText
		}
	}
	r := Resource(f)
	switch r.Level() {
	case OnInstance:
		where.Write(onInstance)
	case OnOrganization:
		where.Write("m.project_id = '' and m.organization_id = ", where.Bind(f.Organization))
	case OnProject:
		where.Write("m.granted_id = '' and m.project_id = ", where.Bind(f.Project))
	case OnProjectGrant:
		where.Write("m.granted_id = ", where.Bind(f.Granted))
		if f.Project != "" {
			where.Write(" and m.project_id = ", where.Bind(f.Project))
		}
	}
	return nil
}

func (f OnLevel) write(where *query.Conditions) error {
	switch Level(f) {
	case OnInstance:
		where.Write(onInstance)
	case OnOrganization:
		where.Write(onOrganization)
	case OnProject:
		where.Write(onProjects, " and m.granted_id = ''")
	case OnProjectGrant:
		where.Write("m.granted_id <> ''")
	default:
		return query.ErrUnknownField
	}
	return nil
}

func (f OfUsers) write(where *query.Conditions) error { return where.Amongst("m.user_id", f) }

func (f WithRole) write(where *query.Conditions) error {
	if !query.ValidText(string(f)) {
		return query.ErrInvalidText
	}
	where.Write(where.Bind(string(f)), " = any (m.roles)")
	return nil
}
