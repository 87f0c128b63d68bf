package project

import (
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// plain is a state in maps that are written to.
type plain struct {
	life     Lifecycle
	narrowed eventstore.Position
	roles    map[string]role
	grants   map[string]Grant
}

func (p *plain) take(msg proto.Message, at eventstore.Position) {
	switch m := msg.(type) {
	case *eventv1.ProjectAdded:
		*p = plain{Active, 0, make(map[string]role), make(map[string]Grant)}
	case *eventv1.ProjectDeactivated:
		p.life = Inactive
	case *eventv1.ProjectActivated:
		p.life = Active
	case *eventv1.ProjectRemoved:
		*p = plain{Removed, 0, make(map[string]role), make(map[string]Grant)}
	case *eventv1.ProjectRoleAdded:
		p.roles[m.GetKey()] = role{m.GetDisplayName(), m.GetGroup()}
	case *eventv1.ProjectRoleChanged:
		p.roles[m.GetKey()] = role{p.roles[m.GetKey()].displayName, m.GetGroup()}
	case *eventv1.ProjectRoleRemoved:
		p.narrowed = at
		delete(p.roles, m.GetKey())
		for organization, g := range p.grants {
			g.Roles = slices.DeleteFunc(slices.Clone(g.Roles), func(key string) bool { return key == m.GetKey() })
			p.grants[organization] = g
		}
	case *eventv1.ProjectGrantAdded:
		p.grants[m.GetOrganizationId()] = Grant{Roles: m.GetRoleKeys(), Active: true, Since: at}
	case *eventv1.ProjectGrantChanged:
		p.narrowed = at
		g := p.grants[m.GetOrganizationId()]
		p.grants[m.GetOrganizationId()] = Grant{Roles: m.GetRoleKeys(), Active: g.Active, Since: g.Since}
	case *eventv1.ProjectGrantDeactivated:
		g := p.grants[m.GetOrganizationId()]
		p.grants[m.GetOrganizationId()] = Grant{Roles: g.Roles, Since: g.Since}
	case *eventv1.ProjectGrantActivated:
		g := p.grants[m.GetOrganizationId()]
		p.grants[m.GetOrganizationId()] = Grant{Roles: g.Roles, Active: true, Since: g.Since}
	case *eventv1.ProjectGrantRemoved:
		delete(p.grants, m.GetOrganizationId())
	}
}

func (p *plain) equals(s *State) bool {
	sameGrant := func(a, b Grant) bool {
		return a.Active == b.Active && a.Since == b.Since && slices.Equal(a.Roles, b.Roles)
	}
	return s.Lifecycle == p.life && s.Narrowed == p.narrowed && maps.Equal(p.roles, maps.Collect(s.roles.all())) && s.roles.size == len(p.roles) &&
		maps.EqualFunc(p.grants, maps.Collect(s.grants.all()), sameGrant) && s.grants.size == len(p.grants)
}

func drawEvent(t *rapid.T, first bool) proto.Message {
	if first {
		return &eventv1.ProjectAdded{OrganizationId: "o", Name: "n"}
	}
	key := rapid.StringMatching("[a-d]").Draw(t, "key")
	keys := rapid.SliceOfNDistinct(rapid.StringMatching("[a-d]"), 0, 4, rapid.ID[string]).Draw(t, "keys")
	events := []proto.Message{
		&eventv1.ProjectRoleAdded{Key: key, DisplayName: key, Group: "g"}, &eventv1.ProjectRoleChanged{Key: key, Group: proto.String("h")},
		&eventv1.ProjectRoleRemoved{Key: key}, &eventv1.ProjectGrantAdded{OrganizationId: key, RoleKeys: keys},
		&eventv1.ProjectGrantChanged{OrganizationId: key, RoleKeys: keys}, &eventv1.ProjectGrantDeactivated{OrganizationId: key},
		&eventv1.ProjectGrantActivated{OrganizationId: key}, &eventv1.ProjectGrantRemoved{OrganizationId: key},
		&eventv1.ProjectDeactivated{}, &eventv1.ProjectActivated{}, &eventv1.ProjectRemoved{}, &eventv1.ProjectChanged{Name: &key},
	}
	return rapid.SampledFrom(events).Draw(t, "event")
}

// The state after any history is what plain maps say, and no event changes the state before it.
func TestFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var states []State
		var plains []plain
		state, want := State{}, plain{}
		for i := range rapid.IntRange(1, 30).Draw(t, "length") {
			msg := drawEvent(t, i == 0)
			at := eventstore.Position(10 * i)
			state = fold(state, msg, command.Recorded{Position: at})
			want.take(msg, at)
			states = append(states, state)
			plains = append(plains, plain{want.life, want.narrowed, maps.Clone(want.roles), maps.Clone(want.grants)})
		}
		for i := range states {
			if !plains[i].equals(&states[i]) {
				t.Fatalf("after event %d: %+v, want %+v", i+1, states[i], plains[i])
			}
		}
	})
}

// Many keys meet in each part of a table.
func TestTable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var got table[int]
		want := make(map[string]int)
		for i := range rapid.IntRange(0, 300).Draw(t, "length") {
			key := rapid.StringN(0, 2, 2).Draw(t, "key")
			if rapid.Bool().Draw(t, "without") {
				got = got.without(key)
				delete(want, key)
				continue
			}
			got = got.with(key, i)
			want[key] = i
		}
		if !maps.Equal(maps.Collect(got.all()), want) || got.size != len(want) {
			t.Fatalf("%v of size %d, want %v", maps.Collect(got.all()), got.size, want)
		}
		for key, value := range want {
			if v, found := got.get(key); !found || v != value {
				t.Fatalf("%q: %d, %v", key, v, found)
			}
		}
	})
}

// A project with as many grants as it can have is folded in no time worth mentioning: a change copies one part of the table.
func TestManyGrantsShareParts(t *testing.T) {
	t.Parallel()
	organization := func(i int) string { return string(rune('a'+i%26)) + string(rune(0x4e00+i)) }
	var s State
	for i := range maxGrants {
		s = fold(s, &eventv1.ProjectGrantAdded{OrganizationId: organization(i)}, command.Recorded{})
	}
	after := fold(s, &eventv1.ProjectGrantRemoved{OrganizationId: organization(0)}, command.Recorded{})
	copied := 0
	for i := range s.grants.parts {
		if len(s.grants.parts[i]) != len(after.grants.parts[i]) {
			copied += len(s.grants.parts[i])
		}
	}
	if s.grants.size != maxGrants || after.grants.size != maxGrants-1 || copied > maxGrants/parts*2 {
		t.Errorf("%d and %d grants, %d in the part that changed", s.grants.size, after.grants.size, copied)
	}
}
