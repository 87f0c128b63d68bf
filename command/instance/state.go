package instance

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Kind is the kind of a tenant's stream. Its id is the tenant.
const Kind = "instance"

// State is what is known of a tenant.
type State struct {
	DefaultOrganization string
	members             map[string]membership
}

type membership struct {
	roles []permission.Role
	since eventstore.Position
}

// Roles returns the roles that a user holds on the whole instance. added is where the user's present life began; roles that
// an earlier user of the same id held do not count.
func (s *State) Roles(userID string, added eventstore.Position) []permission.Role {
	m, ok := s.members[userID]
	if !ok || m.since < added {
		return nil
	}
	return m.roles
}

// Holders returns the users of whom a role on the whole instance was recorded. Users who were removed since are among them: see
// Roles.
func (s *State) Holders(role permission.Role) (ids []string) {
	for id, m := range s.members {
		if slices.Contains(m.roles, role) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Members returns of how many users roles were recorded.
func (s *State) Members() int { return len(s.members) }

// NewExecutor returns what runs commands on tenants and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(_ string, s *State) string { return s.DefaultOrganization },
		Cached:       1000,
	})
}

func fold(s State, msg proto.Message, at command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.InstanceAdded:
		s.DefaultOrganization = e.GetDefaultOrganizationId()
	case *eventv1.InstanceMemberSet:
		members := maps.Clone(s.members)
		if members == nil {
			members = make(map[string]membership)
		}
		if len(e.GetRoles()) == 0 {
			delete(members, e.GetUserId())
		} else {
			members[e.GetUserId()] = membership{roles: e.GetRoles(), since: at.Position}
		}
		s.members = members
	}
	return s
}
