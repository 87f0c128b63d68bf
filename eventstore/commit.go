package eventstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	commitTimeout   = 30 * time.Second
	codeUnwritable  = "SG001" // raised by eventstore.require
	codeDeadlock    = "40P01"
	codeUniqueTaken = "23505"
	repairTries     = 5
)

func (s *Store) commitLoop() {
	for {
		group := s.queue.take()
		if group == nil {
			return
		}
		s.commit(group)
		s.observe(group)
		s.water.committed()
		s.queue.settle(group)
		// Those just answered often have their next change ready: let them join the next group.
		runtime.Gosched()
	}
}

// commit writes a group and leaves each member's outcome in it. When Postgres refuses a group for a reason that is none of
// the known ones, each member is written alone, so that only the one that brought the reason fails.
func (s *Store) commit(group []*pending) {
	err := s.tryCommit(group)
	if err == nil {
		return
	}
	if len(group) > 1 && !errors.Is(err, ErrUnavailable) {
		for i := range group {
			s.commit(group[i : i+1])
		}
		return
	}
	for _, p := range group {
		p.receipt, p.err = Receipt{}, fmt.Errorf("eventstore: append: %w", err)
	}
}

func (s *Store) tryCommit(group []*pending) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	err := s.writeGroup(ctx, group)
	for try := 1; needsRepair(err) && try <= repairTries; try++ {
		err = s.repairGroup(ctx, group)
	}
	err = Unavailable(err)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func needsRepair(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pgErr.Code == codeUnwritable || pgErr.Code == codeDeadlock || pgErr.Code == codeUniqueTaken)
}

// writeGroup writes the whole group or nothing, in one round trip: the pipeline is one implicit transaction.
func (s *Store) writeGroup(ctx context.Context, group []*pending) error {
	conn, err := s.own.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	now := s.opts.Now().Truncate(time.Microsecond)
	batch := &pgx.Batch{}
	queueReservations(batch, group)
	queueKeys(batch, group)
	positions := queueEvents(batch, group, now)
	queueDeliverables(batch, group, now)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	receive(group, *positions, now)
	return nil
}

func queueReservations(batch *pgx.Batch, group []*pending) {
	var old, fresh streamRows
	var taken, released claimRows
	for _, p := range group {
		if p.change.Expected == 0 {
			fresh.add(&p.change)
		} else {
			old.add(&p.change)
		}
		taken.add(&p.change, p.change.Claims)
		released.add(&p.change, p.change.Releases)
	}
	// Create first: one who creates a stream that exists waits for its row, one who advances never waits for a creator.
	if len(fresh.id) > 0 {
		batch.Queue(sqlCreateStreams, fresh.tenant, fresh.kind, fresh.id, fresh.owner, fresh.next, appendLock)
	}
	if len(old.id) > 0 {
		batch.Queue(sqlAdvanceStreams, old.tenant, old.kind, old.id, old.expected, old.next, appendLock)
	}
	if len(released.rows) > 0 {
		batch.Queue(sqlReleaseClaims, released.args()...)
	}
	if len(taken.rows) > 0 {
		batch.Queue(sqlTakeClaims, taken.args()...)
	}
}

func queueKeys(batch *pgx.Batch, group []*pending) {
	var rows keyRows
	for _, p := range group {
		rows.add(&p.change)
	}
	if len(rows.rows) > 0 {
		batch.Queue(sqlInsertKeys, rows.args()...)
	}
}

// queueEvents returns where the positions will stand once the batch is closed, in the group's order.
func queueEvents(batch *pgx.Batch, group []*pending, now time.Time) *[]Position {
	var rows eventRows
	for _, p := range group {
		rows.add(&p.change)
	}
	positions := make([]Position, 0, len(rows.id))
	batch.Queue(sqlInsertEvents, rows.args(now)...).Query(func(r pgx.Rows) error {
		for r.Next() {
			var position Position
			if err := r.Scan(&position); err != nil {
				return err
			}
			positions = append(positions, position)
		}
		return r.Err()
	})
	return &positions
}

func queueDeliverables(batch *pgx.Batch, group []*pending, now time.Time) {
	var tenant, kind, stream, subject []string
	var event uuidArray
	var version []int64
	var sealed [][]byte
	var expires []time.Time
	for _, p := range group {
		for _, d := range p.change.Deliverables {
			at := slices.IndexFunc(p.change.Events, func(e NewEvent) bool { return e.ID == d.EventID })
			tenant, kind, stream = append(tenant, p.change.Stream.Tenant), append(kind, p.change.Stream.Kind), append(stream, p.change.Stream.ID)
			event, version = append(event, d.EventID), append(version, int64(p.change.Expected)+int64(at)+1)
			subject, sealed, expires = append(subject, d.Subject), append(sealed, d.Sealed), append(expires, d.ExpiresAt)
		}
	}
	if len(event) > 0 {
		batch.Queue(sqlInsertDeliverables, tenant, event, kind, stream, version, subject, sealed, expires, now)
	}
}

// receive hands each member its receipt.
func receive(group []*pending, positions []Position, now time.Time) {
	for _, p := range group {
		n := len(p.change.Events)
		p.err = nil
		p.receipt = Receipt{Position: positions[n-1], Version: p.change.Expected + uint64(n), RecordedAt: now}
		p.positions, positions = positions[:n], positions[n:]
	}
}

// observe shows this process's own events to the observers before anybody learns that they are written.
func (s *Store) observe(group []*pending) {
	if len(s.opts.Observers) == 0 {
		return
	}
	var events []Event
	for _, p := range group {
		if p.err == nil {
			events = append(events, p.recorded()...)
		}
	}
	if len(events) == 0 {
		return
	}
	for _, observer := range s.opts.Observers {
		observer(events)
	}
}

// recorded returns a written change as readers will see it.
func (p *pending) recorded() []Event {
	c := &p.change
	events := make([]Event, len(c.Events))
	for i, e := range c.Events {
		events[i] = Event{
			Position: p.positions[i], ID: e.ID, Stream: c.Stream, Version: c.Expected + uint64(i) + 1,
			Type: e.Type, Revision: e.Revision, Payload: notNil(e.Payload), Personal: e.Personal, Secret: e.Secret, Subject: e.Subject,
			Actor: c.Metadata.Actor, Cause: c.Metadata.Cause, Correlate: c.Metadata.Correlate, Client: c.Metadata.Client,
			RecordedAt: p.receipt.RecordedAt,
		}
	}
	return events
}
