package organizations

import (
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// Why an event cannot be applied. The texts are shown to operators: they hold no value of an event.
var (
	errNoOrganization = errors.New("the organization was never added")
	errExists         = errors.New("the organization is added a second time")
)

// The states of an organization, as the API numbers them.
const (
	stateActive   int16 = 1
	stateInactive int16 = 2
	stateRemoved  int16 = 3
)

// Row is one organization.
type Row struct {
	Tenant, ID           string
	Version              uint64
	Position             eventstore.Position
	State                int16
	Name                 string
	PrimaryDomain        string
	Default              bool
	CreatedAt, ChangedAt time.Time
}

// Apply returns the row after an event, or why the event cannot follow it.
func Apply(row Row, msg proto.Message, ev *eventstore.Event) (Row, error) {
	next := row
	next.advance(ev)
	added, first := msg.(*eventv1.OrganizationAdded)
	switch {
	case first && row.Version > 0:
		return row, errExists
	case !first && row.Version == 0:
		return row, errNoOrganization
	case first:
		next.State, next.Name, next.CreatedAt = stateActive, added.GetName(), ev.RecordedAt
	default:
		next.fold(msg)
	}
	if next.hasNulls() {
		return row, projection.ErrHasNulls
	}
	return next, nil
}

func (r *Row) advance(ev *eventstore.Event) {
	r.Tenant, r.ID = ev.Stream.Tenant, ev.Stream.ID
	r.Version, r.Position, r.ChangedAt = ev.Version, ev.Position, ev.RecordedAt
}

func (r *Row) fold(msg proto.Message) {
	if r.State == stateRemoved {
		return // what is said about an organization after the end changes nothing
	}
	switch m := msg.(type) {
	case *eventv1.OrganizationRenamed:
		r.Name = m.GetName()
	case *eventv1.OrganizationDeactivated:
		r.State = stateInactive
	case *eventv1.OrganizationActivated:
		r.State = stateActive
	case *eventv1.OrganizationRemoved:
		r.State, r.Name, r.PrimaryDomain = stateRemoved, "", ""
	case *eventv1.OrganizationDomainPrimarySet:
		r.PrimaryDomain = m.GetDomain()
	case *eventv1.OrganizationDomainRemoved:
		if r.PrimaryDomain == m.GetDomain() {
			r.PrimaryDomain = ""
		}
	}
}

func (r *Row) hasNulls() bool {
	return projection.HasNulls(r.ID, r.Name, r.PrimaryDomain)
}

// skip counts an event that is left out. A first one leaves a tombstone: what is not known cannot be shown.
func skip(row Row, ev *eventstore.Event) Row {
	if row.Version == 0 {
		row.State, row.CreatedAt = stateRemoved, ev.RecordedAt
	}
	row.advance(ev)
	return row
}
