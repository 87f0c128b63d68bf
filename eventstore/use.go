package eventstore

import (
	"context"
	"fmt"
	"time"
)

// Use says when something was used.
type Use struct {
	Tenant  string
	Subject string
	At      time.Time
}

// NoteUses keeps the latest use of each subject. Uses are rows, not events: nothing is decided on them.
func (s *Store) NoteUses(ctx context.Context, uses []Use) error {
	if len(uses) == 0 {
		return nil
	}
	tenants, subjects, moments := make([]string, len(uses)), make([]string, len(uses)), make([]time.Time, len(uses))
	for i, u := range uses {
		tenants[i], subjects[i], moments[i] = u.Tenant, u.Subject, u.At
	}
	if _, err := s.pool.Exec(ctx, sqlNoteUses, tenants, subjects, moments); err != nil {
		return fmt.Errorf("eventstore: note uses: %w", Unavailable(err))
	}
	return nil
}
