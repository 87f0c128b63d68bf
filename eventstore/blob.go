package eventstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// MaxBlob bounds a blob, in sealed bytes.
const MaxBlob = 1 << 20

// Blob is what belongs to an event and is too large for the log: sealed with the subject's data key, it lies beside it.
type Blob struct {
	EventID uuid.UUID // of the event that names it
	Subject string
	Sealed  []byte
}

// PutBlob keeps a blob. It is called before the event is appended: an event never names what is not there, and what no event
// names is found by nobody who asks the log first.
func (s *Store) PutBlob(ctx context.Context, tenant string, b Blob) error {
	if b.Subject == "" || len(b.Subject) > maxText || b.EventID == (uuid.UUID{}) || len(b.Sealed) == 0 || len(b.Sealed) > MaxBlob {
		return fmt.Errorf("eventstore: put blob: %w", ErrInvalidChange)
	}
	if _, err := s.pool.Exec(ctx, sqlPutBlob, tenant, b.Subject, b.EventID, b.Sealed, s.opts.Now()); err != nil {
		return fmt.Errorf("eventstore: put blob: %w", Unavailable(err))
	}
	return nil
}

// Blob returns what was put for an event of a subject.
func (s *Store) Blob(ctx context.Context, tenant, subject string, eventID uuid.UUID) (b Blob, found bool, err error) {
	b = Blob{EventID: eventID, Subject: subject}
	if found, err = s.queryOne(ctx, sqlBlob, []any{tenant, subject, eventID}, &b.Sealed); err != nil {
		return Blob{}, false, fmt.Errorf("eventstore: blob: %w", err)
	}
	return b, found, nil
}

// DropBlobs says which blobs of a subject to drop: what former events named, and whatever else was put before a moment. The one
// that Keep names stays in any case; the zero id names none.
type DropBlobs struct {
	Subject   string
	Keep      uuid.UUID
	Former    []uuid.UUID
	PutBefore time.Time
}

// DropBlobs drops blobs.
func (s *Store) DropBlobs(ctx context.Context, tenant string, d DropBlobs) error {
	former := make([][16]byte, len(d.Former))
	for i, id := range d.Former {
		former[i] = id
	}
	if _, err := s.pool.Exec(ctx, sqlDropBlobs, tenant, d.Subject, d.Keep, former, d.PutBefore); err != nil {
		return fmt.Errorf("eventstore: drop blobs: %w", Unavailable(err))
	}
	return nil
}
