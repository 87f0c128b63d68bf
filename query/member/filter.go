package member

import (
	"strconv"
	"strings"

	"github.com/signet-iam/signet/query"
)

// Filter is a condition on memberships: On, OnLevel, OfUsers, or WithRole.
type Filter interface {
	write(b *builder) error
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

// The conditions of the levels.
const (
	onInstance     = "m.organization_id = ''"
	onOrganization = "m.organization_id <> '' and m.project_id = ''"
	onProjects     = "m.project_id <> ''" // granted or not
)

// scope narrows a list to what its viewer may read.
func (b *builder) scope(viewer query.ProjectViewer) {
	readable := []string{"m.user_id = " + b.bind(viewer.SubjectID())}
	if viewer.May(query.InstanceMemberRead, "") {
		readable = append(readable, onInstance)
	}
	switch organizations, all := viewer.Organizations(query.OrganizationMemberRead); {
	case all:
		readable = append(readable, onOrganization)
	case len(organizations) > 0:
		readable = append(readable, "m.project_id = '' and m.organization_id = any ("+b.bind(organizations)+")")
	}
	b.write(" and (", strings.Join(append(readable, b.projects(viewer)...), " or "), ")")
}

// projects returns what a viewer may read on projects.
func (b *builder) projects(viewer query.ProjectViewer) (readable []string) {
	organizations, all := viewer.Organizations(query.ProjectMemberRead)
	if all {
		return []string{onProjects}
	}
	if len(organizations) > 0 {
		ids := b.bind(organizations)
		readable = append(readable,
			onProjects+" and m.organization_id = any ("+ids+")",
			"m.granted_id = any ("+ids+")")
	}
	if projects := viewer.Projects(query.ProjectMemberRead); len(projects) > 0 {
		readable = append(readable, "m.project_id = any ("+b.bind(projects)+")")
	}
	if projects, granted := viewer.Grants(query.ProjectMemberRead); len(projects) > 0 {
		pairs := "unnest(" + b.bind(projects) + "::text[], " + b.bind(granted) + "::text[])"
		readable = append(readable, "(m.project_id, m.granted_id) in (select * from "+pairs+")")
	}
	return readable
}

func (f On) write(b *builder) error {
	for _, id := range []string{f.Organization, f.Project, f.Granted} {
		if !validText(id) {
			return errInvalidText
		}
	}
	r := Resource(f)
	switch r.Level() {
	case OnInstance:
		b.write(onInstance)
	case OnOrganization:
		b.write("m.project_id = '' and m.organization_id = ", b.bind(f.Organization))
	case OnProject:
		b.write("m.granted_id = '' and m.project_id = ", b.bind(f.Project))
	case OnProjectGrant:
		b.write("m.granted_id = ", b.bind(f.Granted))
		if f.Project != "" {
			b.write(" and m.project_id = ", b.bind(f.Project))
		}
	}
	return nil
}

func (f OnLevel) write(b *builder) error {
	switch Level(f) {
	case OnInstance:
		b.write(onInstance)
	case OnOrganization:
		b.write(onOrganization)
	case OnProject:
		b.write(onProjects, " and m.granted_id = ''")
	case OnProjectGrant:
		b.write("m.granted_id <> ''")
	default:
		return errUnknownLevel
	}
	return nil
}

func (f OfUsers) write(b *builder) error {
	if b.listed += len(f); b.listed > MaxListed {
		return errTooManyListed
	}
	for _, id := range f {
		if !validText(id) {
			return errInvalidText
		}
	}
	b.write("m.user_id = any (", b.bind([]string(f)), ")")
	return nil
}

func (f WithRole) write(b *builder) error {
	if !validText(string(f)) {
		return errInvalidText
	}
	b.write(b.bind(string(f)), " = any (m.roles)")
	return nil
}

// validText reports whether Postgres can take a text and an index could hold it.
func validText(v string) bool { return len(v) <= MaxText && !strings.Contains(v, "\x00") }
