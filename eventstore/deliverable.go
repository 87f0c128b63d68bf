package eventstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PendingDeliverable names one that nobody has delivered yet.
type PendingDeliverable struct {
	Tenant    string
	EventID   uuid.UUID
	Position  Position // of the event
	ExpiresAt time.Time
}

// Deliverable returns what waits for delivery on behalf of an event.
func (s *Store) Deliverable(ctx context.Context, tenant string, eventID uuid.UUID) (Deliverable, bool, error) {
	d := Deliverable{EventID: eventID}
	found, err := s.queryOne(ctx, sqlDeliverable, []any{tenant, eventID}, &d.Subject, &d.Sealed, &d.ExpiresAt)
	if err != nil {
		return Deliverable{}, false, fmt.Errorf("eventstore: deliverable: %w", err)
	}
	return d, found, nil
}

// EventRef names an event.
type EventRef struct {
	Tenant string
	ID     uuid.UUID
}

// AwaitingDelivery returns those of some events that have something waiting for delivery.
func (s *Store) AwaitingDelivery(ctx context.Context, events []EventRef) (map[EventRef]bool, error) {
	tenants, ids := make([]string, len(events)), make([]uuid.UUID, len(events))
	for i, e := range events {
		tenants[i], ids[i] = e.Tenant, e.ID
	}
	rows, err := s.pool.Query(ctx, sqlAwaitingDelivery, tenants, ids)
	if err != nil {
		return nil, fmt.Errorf("eventstore: deliverables: %w", Unavailable(err))
	}
	waiting := make(map[EventRef]bool)
	var e EventRef
	if _, err := pgx.ForEachRow(rows, []any{&e.Tenant, &e.ID}, func() error { waiting[e] = true; return nil }); err != nil {
		return nil, fmt.Errorf("eventstore: deliverables: %w", Unavailable(err))
	}
	return waiting, nil
}

// DropDeliverable removes it, delivered or abandoned.
func (s *Store) DropDeliverable(ctx context.Context, tenant string, eventID uuid.UUID) error {
	if _, err := s.pool.Exec(ctx, sqlDropDeliverable, tenant, eventID); err != nil {
		return fmt.Errorf("eventstore: drop deliverable: %w", Unavailable(err))
	}
	return nil
}

// PendingDeliverables lists deliverables appended before olderThan, oldest first, expired ones included.
func (s *Store) PendingDeliverables(ctx context.Context, olderThan time.Time, limit int) ([]PendingDeliverable, error) {
	rows, err := s.pool.Query(ctx, sqlPendingDeliverables, olderThan, limit)
	if err != nil {
		return nil, fmt.Errorf("eventstore: pending deliverables: %w", Unavailable(err))
	}
	pending, err := pgx.CollectRows(rows, pgx.RowToStructByPos[PendingDeliverable])
	if err != nil {
		return nil, fmt.Errorf("eventstore: pending deliverables: %w", Unavailable(err))
	}
	return pending, nil
}
