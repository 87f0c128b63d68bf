package organizations

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

func at(version int) time.Time { return time.Date(2026, 3, 1, 12, version, 0, 0, time.UTC) }

func event(version int) *eventstore.Event {
	return &eventstore.Event{
		Stream:  eventstore.StreamID{Tenant: "default", Kind: "org", ID: "o1"},
		Version: uint64(version), Position: eventstore.Position(10 * version), RecordedAt: at(version),
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	added := &eventv1.OrganizationAdded{Name: "One"}
	primary := &eventv1.OrganizationDomainPrimarySet{Domain: "example.com"}
	row := func(version int, change func(*Row)) Row {
		r := Row{
			Tenant: "default", ID: "o1", Version: uint64(version), Position: eventstore.Position(10 * version), State: stateActive,
			Name: "One", CreatedAt: at(1), ChangedAt: at(version),
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	removed := func(r *Row) { r.State, r.Name = stateRemoved, "" }
	for name, c := range map[string]struct {
		given []proto.Message
		then  Row
		fails error
	}{
		"added":     {[]proto.Message{added}, row(1, nil), nil},
		"renamed":   {[]proto.Message{added, &eventv1.OrganizationRenamed{Name: "Two"}}, row(2, func(r *Row) { r.Name = "Two" }), nil},
		"inactive":  {[]proto.Message{added, &eventv1.OrganizationDeactivated{}}, row(2, func(r *Row) { r.State = stateInactive }), nil},
		"activated": {[]proto.Message{added, &eventv1.OrganizationDeactivated{}, &eventv1.OrganizationActivated{}}, row(3, nil), nil},
		"removed":   {[]proto.Message{added, primary, &eventv1.OrganizationRemoved{}}, row(3, removed), nil},
		"after the end": {
			[]proto.Message{added, &eventv1.OrganizationRemoved{}, &eventv1.OrganizationRenamed{Name: "X"}, &eventv1.OrganizationActivated{}},
			row(4, removed), nil,
		},
		"a primary domain":            {[]proto.Message{added, primary}, row(2, func(r *Row) { r.PrimaryDomain = "example.com" }), nil},
		"a primary domain, removed":   {[]proto.Message{added, primary, &eventv1.OrganizationDomainRemoved{Domain: "example.com"}}, row(3, nil), nil},
		"what shows nothing":          {[]proto.Message{added, &eventv1.OrganizationMetadataSet{Key: "k"}}, row(2, nil), nil},
		"a change of none":            {[]proto.Message{&eventv1.OrganizationRenamed{}}, Row{}, errNoOrganization},
		"added twice":                 {[]proto.Message{added, added}, row(1, nil), errExists},
		"a null in the name":          {[]proto.Message{&eventv1.OrganizationAdded{Name: "\x00"}}, Row{}, projection.ErrHasNulls},
		"a null in the later name":    {[]proto.Message{added, &eventv1.OrganizationRenamed{Name: "\x00"}}, row(1, nil), projection.ErrHasNulls},
		"a null in the domain's name": {[]proto.Message{added, &eventv1.OrganizationDomainPrimarySet{Domain: "\x00"}}, row(1, nil), projection.ErrHasNulls},
	} {
		var got Row
		var err error
		for i, msg := range c.given {
			var next Row
			if next, err = Apply(got, msg, event(i+1)); err != nil {
				break
			}
			got = next
		}
		if !errors.Is(err, c.fails) || !reflect.DeepEqual(got, c.then) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestNullsInBelongings(t *testing.T) {
	t.Parallel()
	f := New(nil).Open(1).(*fold)
	for _, msg := range []proto.Message{
		&eventv1.OrganizationDomainAdded{Domain: "\x00"}, &eventv1.OrganizationDomainVerified{Domain: "\x00"},
		&eventv1.OrganizationMetadataSet{Key: "\x00"}, &eventv1.OrganizationMetadataRemoved{Key: "\x00"},
	} {
		if _, err := f.belongings(msg, event(2)); !errors.Is(err, projection.ErrHasNulls) {
			t.Errorf("%T: %v", msg, err)
		}
	}
}

func TestSkippedFirstEventLeavesATombstone(t *testing.T) {
	t.Parallel()
	row := skip(Row{}, event(1))
	if row.State != stateRemoved || row.Version != 1 {
		t.Errorf("%+v", row)
	}
	if next, err := Apply(row, &eventv1.OrganizationActivated{}, event(2)); err != nil || next.Version != 2 || next.State != stateRemoved {
		t.Errorf("the stream does not go on: %+v, %v", next, err)
	}
}

func TestLargeValuesWeighMore(t *testing.T) {
	t.Parallel()
	f := New(nil).Open(1).(*fold)
	changes, err := f.belongings(&eventv1.OrganizationMetadataSet{Key: "k", Value: make([]byte, 100*rowSize)}, event(2))
	if err != nil {
		t.Fatal(err)
	}
	if f.take(changes); f.Len() < 100 {
		t.Errorf("it counts as %d rows", f.Len())
	}
}
