package member

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Kind is the kind of the stream that holds a user's memberships. Its id is the user's.
const Kind = "membership"

const (
	cached = 10_000
	most   = 1000 // memberships of one user
)

// State is what is known of the memberships of a user, but for the one on the instance.
type State struct {
	entries []entry // sorted by what they are on
}

// entry is what was last recorded of one resource.
type entry struct {
	on    Resource
	roles []permission.Role
	at    eventstore.Position
}

// Held is a membership, and where in the log it was recorded.
type Held struct {
	permission.Membership

	At eventstore.Position
}

// Memberships returns what the user holds. since is where the user's present life began (user.State.Added); what an earlier
// user of the same id held does not count. Memberships on grants that have ended are among them: see Held.
func (s *State) Memberships(since eventstore.Position) []permission.Membership {
	held := s.Held(since)
	memberships := make([]permission.Membership, len(held))
	for i := range held {
		memberships[i] = held[i].Membership
	}
	return memberships
}

// Held returns the memberships with their places in the log, so that those on grants can be held against the life of the grant:
// a grant that ended and was given again begins without members.
func (s *State) Held(since eventstore.Position) []Held {
	var held []Held
	for i := range s.entries {
		e := &s.entries[i]
		if e.at >= since {
			held = append(held, Held{Membership: e.on.membership(e.roles), At: e.at})
		}
	}
	return held
}

// on returns what was recorded of a resource since a position.
func (s *State) on(r Resource, since eventstore.Position) (entry, bool) {
	i, found := slices.BinarySearchFunc(s.entries, r, compare)
	if !found || s.entries[i].at < since {
		return entry{}, false
	}
	return s.entries[i], true
}

func compare(e entry, r Resource) int {
	return cmp.Or(cmp.Compare(e.on.Organization, r.Organization), cmp.Compare(e.on.Project, r.Project), cmp.Compare(e.on.Granted, r.Granted))
}

// NewExecutor returns what runs commands on memberships and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(string, *State) string { return "" }, // it depends on which membership
		Cached:       cached,
	})
}

func fold(s State, msg proto.Message, at command.Recorded) State {
	e, ok := msg.(*eventv1.MembershipSet)
	if !ok {
		return s
	}
	next := entry{
		on:    Resource{Organization: e.GetOrganizationId(), Project: e.GetProjectId(), Granted: e.GetGrantedOrganizationId()},
		roles: e.GetRoles(), at: at.Position,
	}
	i, found := slices.BinarySearchFunc(s.entries, next.on, compare)
	before, after := s.entries[:i], s.entries[i:]
	if found {
		after = after[1:]
	}
	if len(next.roles) == 0 {
		return State{entries: slices.Concat(before, after)}
	}
	return State{entries: slices.Concat(before, []entry{next}, after)}
}
