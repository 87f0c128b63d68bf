package projects

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

func at(version int) time.Time { return time.Date(2026, 3, 1, 12, version, 0, 0, time.UTC) }

func event(kind, id string, version int, msg proto.Message) *eventstore.Event {
	ev := &eventstore.Event{
		Stream:  eventstore.StreamID{Tenant: "default", Kind: kind, ID: id},
		Version: uint64(version), Position: eventstore.Position(10 * version), RecordedAt: at(version),
	}
	if msg != nil {
		ev.Type = codec.Type(msg)
	}
	return ev
}

func added(organization, name string) *eventv1.ProjectAdded {
	return &eventv1.ProjectAdded{
		OrganizationId: organization, Name: name, RoleAssertion: true, Labeling: eventv1.ProjectLabeling_PROJECT_LABELING_USER_OWNER,
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	first := added("o1", "Shop")
	row := func(version int, change func(*Row)) Row {
		r := Row{
			Tenant: "default", ID: "p1", OrganizationID: "o1", Version: uint64(version), Position: eventstore.Position(10 * version),
			Facts: Facts{Name: "Shop", State: active, RoleAssertion: true, Labeling: 2}, CreatedAt: at(1), ChangedAt: at(version),
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	all := &eventv1.ProjectChanged{
		Name: proto.String("Market"), RoleAssertion: proto.Bool(false), AuthorizationRequired: proto.Bool(true),
		AccessRequired: proto.Bool(true), Labeling: eventv1.ProjectLabeling_PROJECT_LABELING_UNSPECIFIED.Enum(),
	}
	for name, c := range map[string]struct {
		given []proto.Message
		then  Row
		fails error
	}{
		"added":           {[]proto.Message{first}, row(1, nil), nil},
		"changed":         {[]proto.Message{first, all}, row(2, func(r *Row) { r.Facts = Facts{"Market", active, false, true, true, 0} }), nil},
		"one thing":       {[]proto.Message{first, &eventv1.ProjectChanged{Name: proto.String("N")}}, row(2, func(r *Row) { r.Name = "N" }), nil},
		"deactivated":     {[]proto.Message{first, &eventv1.ProjectDeactivated{}}, row(2, func(r *Row) { r.State = inactive }), nil},
		"activated":       {[]proto.Message{first, &eventv1.ProjectDeactivated{}, &eventv1.ProjectActivated{}}, row(3, nil), nil},
		"removed":         {[]proto.Message{first, &eventv1.ProjectRemoved{}}, row(2, func(r *Row) { r.Removed, r.Facts = true, Facts{} }), nil},
		"a role":          {[]proto.Message{first, &eventv1.ProjectRoleAdded{Key: "k"}}, row(2, func(r *Row) { r.ChangedAt = at(1) }), nil},
		"a grant":         {[]proto.Message{first, &eventv1.ProjectGrantAdded{OrganizationId: "o2"}}, row(2, func(r *Row) { r.ChangedAt = at(1) }), nil},
		"of none":         {[]proto.Message{&eventv1.ProjectRoleAdded{Key: "k"}}, Row{}, errNoProject},
		"added twice":     {[]proto.Message{first, first}, row(1, nil), errExists},
		"a null":          {[]proto.Message{added("o1", "\x00")}, Row{}, projection.ErrHasNulls},
		"a null in a key": {[]proto.Message{first, &eventv1.ProjectGrantAdded{RoleKeys: []string{"a", "b\x00"}}}, row(1, nil), projection.ErrHasNulls},
		"a null if any":   {[]proto.Message{first, &eventv1.ProjectRoleChanged{Key: "a", Group: proto.String("\x00")}}, row(1, nil), projection.ErrHasNulls},
	} {
		var got Row
		var err error
		for i, msg := range c.given {
			var next Row
			if next, err = Apply(got, msg, event(projectKind, "p1", i+1, msg)); err != nil {
				break
			}
			got = next
		}
		if !errors.Is(err, c.fails) || !reflect.DeepEqual(got, c.then) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
