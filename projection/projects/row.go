package projects

import (
	"errors"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// Why an event cannot be applied. The texts are shown to operators: they hold no value of an event.
var (
	errNoProject = errors.New("the project was never added")
	errExists    = errors.New("the project is added a second time")
)

// The states of projects and grants. The numbers are those of the wire.
const (
	active   = 1
	inactive = 2
)

// Row is one project.
type Row struct {
	Tenant, ID     string
	OrganizationID string
	Version        uint64
	Position       eventstore.Position
	Removed        bool
	Facts
	CreatedAt, ChangedAt time.Time
}

// Facts are what a removed project has none of.
type Facts struct {
	Name                  string
	State                 int16
	RoleAssertion         bool
	AuthorizationRequired bool
	AccessRequired        bool
	Labeling              int16
}

// Apply returns the row after an event, or why the event cannot follow it. Events about roles and grants only move it. A project
// that went with its organization is removed and stays it, whatever follows.
func Apply(row Row, msg proto.Message, ev *eventstore.Event) (Row, error) {
	next := row
	next.advance(ev)
	added, first := msg.(*eventv1.ProjectAdded)
	switch {
	case hasNulls(msg):
		return row, projection.ErrHasNulls
	case first && row.Version > 0:
		return row, errExists
	case !first && row.Version == 0:
		return row, errNoProject
	case first:
		next.OrganizationID, next.CreatedAt, next.ChangedAt = added.GetOrganizationId(), ev.RecordedAt, ev.RecordedAt
		next.Facts = Facts{
			Name: added.GetName(), State: active, RoleAssertion: added.GetRoleAssertion(),
			AuthorizationRequired: added.GetAuthorizationRequired(), AccessRequired: added.GetAccessRequired(),
			Labeling: int16(added.GetLabeling()),
		}
	case !row.Removed:
		next.change(msg, ev)
	}
	return next, nil
}

func (r *Row) change(msg proto.Message, ev *eventstore.Event) {
	switch m := msg.(type) {
	case *eventv1.ProjectChanged:
		set(&r.Name, m.Name)
		set(&r.RoleAssertion, m.RoleAssertion)
		set(&r.AuthorizationRequired, m.AuthorizationRequired)
		set(&r.AccessRequired, m.AccessRequired)
		if m.Labeling != nil {
			r.Labeling = int16(m.GetLabeling())
		}
	case *eventv1.ProjectDeactivated:
		r.State = inactive
	case *eventv1.ProjectActivated:
		r.State = active
	case *eventv1.ProjectRemoved:
		r.end()
	default:
		return
	}
	r.ChangedAt = ev.RecordedAt
}

// end leaves a tombstone.
func (r *Row) end() { r.Removed, r.Facts = true, Facts{} }

func (r *Row) advance(ev *eventstore.Event) {
	r.Tenant, r.ID = ev.Stream.Tenant, ev.Stream.ID
	r.Version, r.Position = ev.Version, ev.Position
}

// set takes over a value that is there.
func set[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}

// skip counts an event that is left out. A first one leaves a tombstone: what is not known cannot be shown. The end of a project
// needs no understanding.
func skip(row Row, ev *eventstore.Event) Row {
	if row.Version == 0 {
		row.CreatedAt, row.ChangedAt = ev.RecordedAt, ev.RecordedAt
		row.end()
	}
	if ev.Type == projectEnd {
		row.ChangedAt = ev.RecordedAt
		row.end()
	}
	row.advance(ev)
	return row
}

// hasNulls reports whether a text of a message is one that Postgres cannot hold.
func hasNulls(msg proto.Message) (found bool) {
	null := func(v protoreflect.Value) bool { return projection.HasNulls(v.String()) }
	msg.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Kind() != protoreflect.StringKind {
			return true
		}
		if !f.IsList() {
			found = null(v)
			return !found
		}
		for i := range v.List().Len() {
			found = found || null(v.List().Get(i))
		}
		return !found
	})
	return found
}
