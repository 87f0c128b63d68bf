package providers

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
	errNoProvider = errors.New("the provider was never added")
	errExists     = errors.New("the provider is added a second time")
	errSettings   = errors.New("its settings cannot be written")
)

// Row is one provider.
type Row struct {
	Tenant, ID           string
	OrganizationID       string
	Version              uint64
	Position             eventstore.Position
	Removed              bool
	Settings             []byte
	CreatedAt, ChangedAt time.Time
}

// Apply returns the row after an event, or why the event cannot follow it.
func Apply(row Row, msg proto.Message, ev *eventstore.Event) (Row, error) {
	next := row
	next.advance(ev)
	added, first := msg.(*eventv1.IDPAdded)
	switch {
	case first && row.Version > 0:
		return row, errExists
	case !first && row.Version == 0:
		return row, errNoProvider
	case first:
		next.OrganizationID, next.CreatedAt = added.GetOrganizationId(), ev.RecordedAt
		return next, next.set(added.GetProvider())
	}
	switch m := msg.(type) {
	case *eventv1.IDPChanged:
		return next, next.set(m.GetProvider())
	case *eventv1.IDPRemoved:
		next.Removed, next.Settings = true, []byte{}
	}
	return next, nil
}

func (r *Row) advance(ev *eventstore.Event) {
	r.Tenant, r.ID = ev.Stream.Tenant, ev.Stream.ID
	r.Version, r.Position, r.ChangedAt = ev.Version, ev.Position, ev.RecordedAt
}

func (r *Row) set(p *eventv1.IdentityProvider) error {
	settings, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	if err != nil {
		return errSettings
	}
	if projection.HasNulls(r.OrganizationID) {
		return projection.ErrHasNulls
	}
	r.Settings = append([]byte{}, settings...)
	return nil
}

// skip counts an event that is left out. A first one leaves a tombstone: what is not known cannot be shown.
func skip(row Row, ev *eventstore.Event) Row {
	if row.Version == 0 {
		row.Removed, row.Settings, row.CreatedAt = true, []byte{}, ev.RecordedAt
	}
	row.advance(ev)
	return row
}
