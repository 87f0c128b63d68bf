package project

import (
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// Kind is the kind of a project's stream.
const Kind = "project"

// cached bounds the states in memory; one with all the roles and grants it can have takes some megabytes.
const cached = 1000

// Lifecycle is where a project is in its life.
type Lifecycle uint8

// The stations of a life.
const (
	Unknown Lifecycle = iota // nothing was ever recorded
	Active
	Inactive
	Removed
)

// State is what commands need to know of a project. Of a removed one only the organization is left.
type State struct {
	Lifecycle    Lifecycle
	Organization string // that owns it
	Name         string
	settings     settings
	roles        table[role]
	grants       table[Grant]
	// Narrowed is where a role was last taken away, from the project or from a grant.
	Narrowed eventstore.Position
}

type settings struct {
	roleAssertion         bool
	authorizationRequired bool
	accessRequired        bool
	labeling              eventv1.ProjectLabeling
}

type role struct {
	displayName, group string
}

// Grant is what an organization was granted. Roles are shared: nobody may change them.
type Grant struct {
	Roles  []string
	Active bool
	// Since is where the grant was made: a grant that ended and was made again is another one.
	Since eventstore.Position
}

// Exists reports whether there is a project, active or inactive.
func (s *State) Exists() bool { return s.Lifecycle == Active || s.Lifecycle == Inactive }

// Active reports whether the project is in use.
func (s *State) Active() bool { return s.Lifecycle == Active }

// HasRole reports whether the project has a role of this key.
func (s *State) HasRole(key string) bool {
	_, has := s.roles.get(key)
	return has
}

// Grant returns what an organization was granted, active or not.
func (s *State) Grant(organization string) (Grant, bool) { return s.grants.get(organization) }

// NewExecutor returns what runs commands on projects and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(_ string, s *State) string { return s.Organization },
		Cached:       cached,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, at command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.ProjectAdded:
		return State{
			Lifecycle: Active, Organization: e.GetOrganizationId(), Name: e.GetName(),
			settings: settings{
				roleAssertion: e.GetRoleAssertion(), authorizationRequired: e.GetAuthorizationRequired(),
				accessRequired: e.GetAccessRequired(), labeling: e.GetLabeling(),
			},
		}
	case *eventv1.ProjectChanged:
		set(&s.Name, e.Name)
		set(&s.settings.roleAssertion, e.RoleAssertion)
		set(&s.settings.authorizationRequired, e.AuthorizationRequired)
		set(&s.settings.accessRequired, e.AccessRequired)
		set(&s.settings.labeling, e.Labeling)
	case *eventv1.ProjectDeactivated:
		s.Lifecycle = Inactive
	case *eventv1.ProjectActivated:
		s.Lifecycle = Active
	case *eventv1.ProjectRemoved:
		return State{Lifecycle: Removed, Organization: s.Organization}
	default:
		s.roles, s.grants = foldRole(s.roles, msg), foldGrant(s, msg, at)
		switch msg.(type) {
		case *eventv1.ProjectRoleRemoved, *eventv1.ProjectGrantChanged:
			s.Narrowed = at.Position
		}
	}
	return s
}

// set takes over a value that is there.
func set[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}

func foldRole(roles table[role], msg proto.Message) table[role] {
	switch e := msg.(type) {
	case *eventv1.ProjectRoleAdded:
		return roles.with(e.GetKey(), role{displayName: e.GetDisplayName(), group: e.GetGroup()})
	case *eventv1.ProjectRoleChanged:
		r, _ := roles.get(e.GetKey())
		set(&r.displayName, e.DisplayName)
		set(&r.group, e.Group)
		return roles.with(e.GetKey(), r)
	case *eventv1.ProjectRoleRemoved:
		return roles.without(e.GetKey())
	}
	return roles
}

func foldGrant(s State, msg proto.Message, at command.Recorded) table[Grant] {
	switch e := msg.(type) {
	case *eventv1.ProjectGrantAdded:
		return s.grants.with(e.GetOrganizationId(), Grant{Roles: e.GetRoleKeys(), Active: true, Since: at.Position})
	case *eventv1.ProjectGrantChanged:
		g, _ := s.grants.get(e.GetOrganizationId())
		g.Roles = e.GetRoleKeys()
		return s.grants.with(e.GetOrganizationId(), g)
	case *eventv1.ProjectGrantDeactivated:
		g, _ := s.grants.get(e.GetOrganizationId())
		g.Active = false
		return s.grants.with(e.GetOrganizationId(), g)
	case *eventv1.ProjectGrantActivated:
		g, _ := s.grants.get(e.GetOrganizationId())
		g.Active = true
		return s.grants.with(e.GetOrganizationId(), g)
	case *eventv1.ProjectGrantRemoved:
		return s.grants.without(e.GetOrganizationId())
	case *eventv1.ProjectRoleRemoved:
		return withoutRole(s.grants, e.GetKey())
	}
	return s.grants
}

// withoutRole takes a role out of all grants.
func withoutRole(grants table[Grant], key string) table[Grant] {
	for organization, g := range grants.all() {
		if slices.Contains(g.Roles, key) {
			g.Roles = slices.DeleteFunc(slices.Clone(g.Roles), func(held string) bool { return held == key })
			grants = grants.with(organization, g)
		}
	}
	return grants
}
