package providers

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
		Stream:  eventstore.StreamID{Tenant: "default", Kind: "idp", ID: "p1"},
		Version: uint64(version), Position: eventstore.Position(10 * version), RecordedAt: at(version),
	}
}

func named(name string) (*eventv1.IdentityProvider, []byte) {
	p := &eventv1.IdentityProvider{Name: name}
	settings, _ := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	return p, settings
}

func TestApply(t *testing.T) {
	t.Parallel()
	first, firstBytes := named("first")
	second, secondBytes := named("second")
	added := &eventv1.IDPAdded{OrganizationId: "o1", Provider: first}
	row := func(version int, change func(*Row)) Row {
		r := Row{
			Tenant: "default", ID: "p1", OrganizationID: "o1", Version: uint64(version), Position: eventstore.Position(10 * version),
			Settings: firstBytes, CreatedAt: at(1), ChangedAt: at(version),
		}
		if change != nil {
			change(&r)
		}
		return r
	}
	for name, c := range map[string]struct {
		given []proto.Message
		then  Row
		fails error
	}{
		"added":             {[]proto.Message{added}, row(1, nil), nil},
		"changed":           {[]proto.Message{added, &eventv1.IDPChanged{Provider: second}}, row(2, func(r *Row) { r.Settings = secondBytes }), nil},
		"removed":           {[]proto.Message{added, &eventv1.IDPRemoved{}}, row(2, func(r *Row) { r.Removed, r.Settings = true, []byte{} }), nil},
		"a change of none":  {[]proto.Message{&eventv1.IDPChanged{}}, Row{}, errNoProvider},
		"added twice":       {[]proto.Message{added, added}, row(1, nil), errExists},
		"of a null in text": {[]proto.Message{&eventv1.IDPAdded{OrganizationId: "\x00", Provider: first}}, Row{}, projection.ErrHasNulls},
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

func TestSkippedFirstEventLeavesATombstone(t *testing.T) {
	t.Parallel()
	row := skip(Row{}, event(1))
	if !row.Removed || row.Version != 1 {
		t.Errorf("%+v", row)
	}
	if next, err := Apply(row, &eventv1.IDPRemoved{}, event(2)); err != nil || next.Version != 2 {
		t.Errorf("the stream does not go on: %v", err)
	}
}
