package project

import (
	"slices"
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

// owners returns the condition that the scope covers a project as its owner has it. id and organization are the columns.
func (s *scope) owners(where *query.Conditions, id, organization string) string {
	if s.all {
		return "true"
	}
	var some []string
	if len(s.organizations) > 0 {
		some = append(some, organization+" = any ("+where.Bind(s.organizations)+")")
	}
	if len(s.projects) > 0 {
		some = append(some, id+" = any ("+where.Bind(s.projects)+")")
	}
	return either(some)
}

// grantees returns the condition that the scope covers the grant g on the side of the organization that it is to.
func (s *scope) grantees(where *query.Conditions) string {
	if s.all {
		return "true"
	}
	var some []string
	if len(s.organizations) > 0 {
		some = append(some, "g.granted_organization_id = any ("+where.Bind(s.organizations)+")")
	}
	if len(s.granted) > 0 {
		projects := where.Bind(s.granted) + "::text[]" // by themselves they find the index
		some = append(some, "g.project_id = any ("+projects+") and (g.project_id, g.granted_organization_id) in (select * from unnest("+
			projects+", "+where.Bind(s.grantedTo)+"::text[]))")
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
