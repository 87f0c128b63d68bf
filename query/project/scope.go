package project

import (
	"slices"
	"strconv"
	"strings"

	"github.com/signet-iam/signet/query"
)

// scope is where a viewer holds a permission.
type scope struct {
	all           bool
	organizations []string
	projects      []string
	granted       []string // projects, each granted to the organization at the same index of grantedTo
	grantedTo     []string
}

func scopeOf(viewer query.ProjectViewer, permission string) scope {
	s := scope{}
	if s.organizations, s.all = viewer.Organizations(permission); s.all {
		return s
	}
	s.projects = viewer.Projects(permission)
	s.granted, s.grantedTo = viewer.Grants(permission)
	return s
}

// owner reports whether the scope covers a project as its owner has it. Without an owner the project never was.
func (s *scope) owner(project, organization string) bool {
	return s.all || organization != "" && (slices.Contains(s.organizations, organization) || slices.Contains(s.projects, project))
}

// of returns what the scope can cover of a project as it was granted: to which organizations.
func (s *scope) of(project string) []string {
	to := slices.Clone(s.organizations)
	for i, p := range s.granted {
		if p == project {
			to = append(to, s.grantedTo[i])
		}
	}
	return to
}

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

// cut returns the conditions written so far and begins anew; the parameters stay.
func (b *builder) cut() string {
	sql := b.sql.String()
	b.sql.Reset()
	return sql
}

// owners returns the condition that a scope covers a project as its owner has it. id and organization are the columns.
func (b *builder) owners(s *scope, id, organization string) string {
	if s.all {
		return "true"
	}
	var some []string
	if len(s.organizations) > 0 {
		some = append(some, organization+" = any ("+b.bind(s.organizations)+")")
	}
	if len(s.projects) > 0 {
		some = append(some, id+" = any ("+b.bind(s.projects)+")")
	}
	return either(some)
}

// grantees returns the condition that a scope covers the grant g on the side of the organization that it is to.
func (b *builder) grantees(s *scope) string {
	if s.all {
		return "true"
	}
	var some []string
	if len(s.organizations) > 0 {
		some = append(some, "g.granted_organization_id = any ("+b.bind(s.organizations)+")")
	}
	if len(s.granted) > 0 {
		projects := b.bind(s.granted) + "::text[]" // by themselves they find the index
		some = append(some, "g.project_id = any ("+projects+") and (g.project_id, g.granted_organization_id) in (select * from unnest("+
			projects+", "+b.bind(s.grantedTo)+"::text[]))")
	}
	return either(some)
}

// either joins conditions; none of none holds.
func either(conditions []string) string {
	if len(conditions) == 0 {
		return "false"
	}
	return "(" + strings.Join(conditions, " or ") + ")"
}
