package authorization

import (
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// The table of rules, said once more by hand: a change of rights has to be meant twice.
func TestEveryCommandHasARule(t *testing.T) {
	t.Parallel()
	methods := reflect.TypeFor[*Service]()
	for i := range methods.NumMethod() {
		if p, known := rules(operation(methods.Method(i).Name)); !known || p != "user.grant.write" {
			t.Errorf("%s needs %q", methods.Method(i).Name, p)
		}
	}
	if p, known := rules("Other"); known || p != "" {
		t.Errorf("a command without a rule needs %q", p)
	}
	if err := check("Other", permission.System("t"), &basis{}); err == nil {
		t.Error("a command without a rule can be run")
	}
}

// The fold keeps what was added and not removed, as it was last changed, and changes no state that somebody holds.
func TestTheFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reference := make(map[string]*entry)
		var s State
		for i := range rapid.IntRange(0, 30).Draw(t, "events") {
			id := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")
			at := command.Recorded{Position: eventstore.Position(i + 1)}
			var msg proto.Message
			have := reference[id]
			switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
			case have == nil:
				msg = &eventv1.AuthorizationAdded{Id: id, ProjectId: "p", OrganizationId: "o", RoleKeys: []string{"b", "a", "b"}}
				reference[id] = &entry{
					id: id, project: "p", organization: "o", roles: []string{"a", "b"}, active: true, added: at.Position, changed: at.Position,
				}
			case kind == 0:
				msg = &eventv1.AuthorizationRemoved{Id: id}
				delete(reference, id)
			case kind == 1:
				msg = &eventv1.AuthorizationChanged{Id: id, RoleKeys: []string{"c"}}
				have.roles, have.changed = []string{"c"}, at.Position
			case kind == 2:
				msg = &eventv1.AuthorizationDeactivated{Id: id}
				have.active, have.changed = false, at.Position
			default:
				msg = &eventv1.AuthorizationActivated{Id: id}
				have.active, have.changed = true, at.Position
			}
			before := State{entries: append([]entry(nil), s.entries...)}
			next := fold(s, msg, at)
			if len(s.entries) > 0 && !reflect.DeepEqual(s, before) {
				t.Fatal("the state before was changed")
			}
			s = next
		}
		if len(s.entries) != len(reference) {
			t.Fatalf("%d, want %d", len(s.entries), len(reference))
		}
		for id, want := range reference {
			if got, found := s.find(id); !found || !reflect.DeepEqual(got, *want) {
				t.Fatalf("%+v, want %+v", got, want)
			}
		}
	})
}
