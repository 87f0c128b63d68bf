package authorization

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// Kind is the kind of the stream that holds a user's authorizations. Its id is the user's.
const Kind = "authorization"

const (
	cached    = 10_000
	most      = 1000 // authorizations of one user
	mostRoles = 1000 // of one authorization
)

// State is what was recorded of a user's authorizations and not removed. Whether one still stands depends on the user, the
// project and the organizations too.
type State struct {
	entries []entry // in the order in which they were added
}

// entry is one authorization.
type entry struct {
	id           string
	project      string
	organization string
	roles        []string // sorted
	active       bool
	added        eventstore.Position
	changed      eventstore.Position
	changedAt    time.Time
}

func (s *State) find(id string) (entry, bool) {
	i := slices.IndexFunc(s.entries, func(e entry) bool { return e.id == id })
	if i < 0 {
		return entry{}, false
	}
	return s.entries[i], true
}

// NewExecutor returns what runs commands on authorizations and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(string, *State) string { return "" }, // it depends on which authorization
		Cached:       cached,
	})
}

func fold(s State, msg proto.Message, at command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.AuthorizationAdded:
		s.entries = append(slices.Clip(s.entries), entry{
			id: e.GetId(), project: e.GetProjectId(), organization: e.GetOrganizationId(), roles: sorted(e.GetRoleKeys()), active: true,
			added: at.Position, changed: at.Position, changedAt: at.At,
		})
	case *eventv1.AuthorizationChanged:
		return with(s, e.GetId(), at, func(a *entry) { a.roles = sorted(e.GetRoleKeys()) })
	case *eventv1.AuthorizationDeactivated:
		return with(s, e.GetId(), at, func(a *entry) { a.active = false })
	case *eventv1.AuthorizationActivated:
		return with(s, e.GetId(), at, func(a *entry) { a.active = true })
	case *eventv1.AuthorizationRemoved:
		s.entries = slices.DeleteFunc(slices.Clone(s.entries), func(a entry) bool { return a.id == e.GetId() })
	}
	return s
}

// with returns the state in which one entry is another.
func with(s State, id string, at command.Recorded, change func(*entry)) State {
	s.entries = slices.Clone(s.entries)
	for i := range s.entries {
		if e := &s.entries[i]; e.id == id {
			change(e)
			e.changed, e.changedAt = at.Position, at.At
		}
	}
	return s
}

func sorted(keys []string) []string { return slices.Compact(slices.Sorted(slices.Values(keys))) }
