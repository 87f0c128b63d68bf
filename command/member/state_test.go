package member

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

func place3(t *rapid.T) Resource {
	return rapid.SampledFrom([]Resource{
		{Organization: "a"}, {Organization: "b"}, {Organization: "a", Project: "p"}, {Organization: "a", Project: "q"},
		{Organization: "a", Project: "p", Granted: "b"}, {Organization: "a", Project: "p", Granted: "c"},
	}).Draw(t, "resource")
}

// What is held is what was set last on each resource, and nothing from before the user's present life. No state changes once
// made.
func TestTheFoldIsWhatWasSetLast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		type set struct {
			roles []string
			at    eventstore.Position
		}
		reference := make(map[Resource]set)
		var s State
		for i := range rapid.IntRange(0, 40).Draw(t, "events") {
			on := place3(t)
			roles := rapid.SliceOfN(rapid.SampledFrom([]string{"R", "S"}), 0, 2).Draw(t, "roles")
			before, copied := s, slices.Clone(s.entries)
			s = fold(s, &eventv1.MembershipSet{
				OrganizationId: on.Organization, ProjectId: on.Project, GrantedOrganizationId: on.Granted, Roles: roles,
			}, command.Recorded{Position: eventstore.Position(i + 1)})
			if !reflect.DeepEqual(before.entries, copied) {
				t.Fatalf("the state before was changed")
			}
			if reference[on] = (set{roles, eventstore.Position(i + 1)}); len(roles) == 0 {
				delete(reference, on)
			}
		}
		since := eventstore.Position(rapid.IntRange(0, 41).Draw(t, "since"))
		held := s.Held(since)
		for _, h := range held {
			on := Resource{Organization: h.Organization, Project: h.Project, Granted: h.Granted}
			want, set := reference[on]
			have, holds := s.on(on, since)
			if !set || want.at < since || h.At != want.at || !slices.Equal(h.Roles, want.roles) || !holds || have.at != want.at {
				t.Fatalf("%+v is held, set was %+v", h, want)
			}
		}
		count := 0
		for on, want := range reference {
			if _, holds := s.on(on, since); holds != (want.at >= since) {
				t.Fatalf("%+v: held %v", on, holds)
			}
			if want.at >= since {
				count++
			}
		}
		if len(held) != count || len(s.Memberships(since)) != count {
			t.Fatalf("%d held, %d set", len(held), count)
		}
	})
}

func TestForeignEventsMeanNothing(t *testing.T) {
	t.Parallel()
	if s := fold(State{}, &eventv1.UserLocked{}, command.Recorded{}); s.entries != nil {
		t.Errorf("%+v", s)
	}
}

// The table of rules, said once more by hand: a change of rights has to be meant twice.
func TestEveryCommandHasARule(t *testing.T) {
	t.Parallel()
	needs := map[permission.Level]permission.Permission{
		permission.OnInstance: "iam.member.write", permission.OnOrganization: "org.member.write",
		permission.OnProject: "project.member.write", permission.OnProjectGrant: "project.member.write",
	}
	methods := reflect.TypeFor[*Service]()
	for i := range methods.NumMethod() {
		for level, want := range needs {
			if p, known := rules(operation(methods.Method(i).Name), level); !known || p != want {
				t.Errorf("%s on level %d needs %q", methods.Method(i).Name, level, p)
			}
		}
	}
	if p, known := rules("Other", permission.OnInstance); known || p != "" {
		t.Errorf("a command without a rule needs %q", p)
	}
	if p, known := rules(opSet, 99); known || p != "" {
		t.Errorf("a level without a rule needs %q", p)
	}
}

func TestResources(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		on    Resource
		level permission.Level
		valid bool
	}{
		{Resource{Instance: true}, permission.OnInstance, true},
		{Resource{Instance: true, Organization: "o"}, permission.OnInstance, false},
		{Resource{Organization: "o"}, permission.OnOrganization, true},
		{Resource{Project: "p"}, permission.OnProject, true},
		{Resource{Project: "p", Granted: "g"}, permission.OnProjectGrant, true},
		{Resource{Granted: "g"}, permission.OnProjectGrant, false},
		{Resource{}, permission.OnOrganization, false},
		{Resource{Organization: "#o"}, permission.OnOrganization, false},
		{Resource{Project: "\x00"}, permission.OnProject, false},
	} {
		if level, valid := c.on.level(); valid != c.valid || valid && level != c.level {
			t.Errorf("%+v: level %d, %v", c.on, level, valid)
		}
	}
}

// Histories as long as they can get are folded in no time worth mentioning.
func TestManyMemberships(t *testing.T) {
	t.Parallel()
	var s State
	for i := range 3 * most {
		roles := []string{"R"}
		if i >= 2*most {
			roles = nil
		}
		e := &eventv1.MembershipSet{OrganizationId: fmt.Sprintf("o%04d", i%most), Roles: roles}
		s = fold(s, e, command.Recorded{Position: eventstore.Position(i)})
	}
	if len(s.entries) != 0 {
		t.Errorf("%d are left", len(s.entries))
	}
}
