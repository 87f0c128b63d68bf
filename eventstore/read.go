package eventstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// MaxBatch bounds what one read of the log returns.
const MaxBatch = 50_000

// Stream is the head of a stream.
type Stream struct {
	ID      StreamID
	Owner   string
	Version uint64 // 0 when nothing was ever appended
}

// Batch is a stretch of the log.
type Batch struct {
	After, UpTo Position // (After, UpTo]; UpTo must not be above HighWater
	Kinds       []string // only streams of these kinds; empty means all
	Limit       int      // 1 to MaxBatch
}

// kinds is never nil, which would reach Postgres as null.
func (b *Batch) kinds() []string {
	if b.Kinds == nil {
		return []string{}
	}
	return b.Kinds
}

// LogQuery selects events for people: the change history.
type LogQuery struct {
	Tenant     string
	StreamKind string // empty: all
	StreamID   string // empty: all
	Actor      string
	Types      []string // exact types, or prefixes that end in ".*"
	Since      time.Time
	Until      time.Time // exclusive
	After      Position  // exclusive bounds for paging; 0 = open
	Before     Position
	Descending bool
	Limit      int // 1 to MaxBatch
}

// streamAfter asks for the events of a stream with a version above one.
type streamAfter struct {
	id      StreamID
	version uint64
}

// Loaded is what LoadStream returns.
type Loaded struct {
	Events []Event
	Keys   []DataKey // of the subject of the stream's first event, if that was read and the subject has one
}

// ReadStream returns the events of a stream with a version above after, oldest first. Those who ask at the same time share a
// statement.
func (s *Store) ReadStream(ctx context.Context, id StreamID, after uint64) ([]Event, error) {
	read, err := s.streams.Ask(ctx, streamAfter{id, after})
	if err != nil {
		return nil, fmt.Errorf("eventstore: read: %w", Unavailable(err))
	}
	return read.Events, nil
}

// LoadStream is ReadStream for who is about to open the events and does not ask who caused them: Actor, Cause, Correlate and Client
// stay empty. Nearly all streams are sealed with one key from their first event on, which comes along and spares a statement.
func (s *Store) LoadStream(ctx context.Context, id StreamID, after uint64) (Loaded, error) {
	loaded, err := s.loads.Ask(ctx, streamAfter{id, after})
	if err != nil {
		return Loaded{}, fmt.Errorf("eventstore: read: %w", Unavailable(err))
	}
	return *loaded, nil
}

func (s *Store) readStreams(ctx context.Context, questions []*Question[streamAfter, Loaded]) error {
	var row eventRow
	return s.askStreams(ctx, questions, streamQuery{sqlReadStreams, &row, append(row.open(), row.origin()...)})
}

func (s *Store) loadStreams(ctx context.Context, questions []*Question[streamAfter, Loaded]) error {
	var row eventRow
	return s.askStreams(ctx, questions, streamQuery{sqlLoadStreams, &row, row.open()})
}

// streamQuery is a statement on streams, and where its rows go.
type streamQuery struct {
	sql    string
	row    *eventRow
	fields []any
}

func (s *Store) askStreams(ctx context.Context, questions []*Question[streamAfter, Loaded], query streamQuery) error {
	var tenants, kinds, ids []string
	var versions []int64
	for _, q := range questions {
		id := q.Asked.id
		tenants, kinds, ids = append(tenants, id.Tenant), append(kinds, id.Kind), append(ids, id.ID)
		versions = append(versions, int64(q.Asked.version))
	}
	rows, err := s.readers.Query(ctx, query.sql, tenants, kinds, ids, versions)
	if err != nil {
		return err
	}
	var number int64
	var wrapped []byte
	_, err = pgx.ForEachRow(rows, append(query.fields, &number, &wrapped), func() error {
		q, event := questions[number-1], query.row.take()
		event.Stream = q.Asked.id
		q.Answer.Events = append(q.Answer.Events, event)
		if wrapped != nil {
			q.Answer.Keys = append(q.Answer.Keys, DataKey{Subject: event.Subject, Wrapped: wrapped})
		}
		return nil
	})
	if err != nil {
		return err
	}
	byVersion := func(a, b Event) int { return cmp.Compare(a.Version, b.Version) }
	for _, q := range questions {
		if !slices.IsSortedFunc(q.Answer.Events, byVersion) { // Postgres found them in another way than it should
			slices.SortFunc(q.Answer.Events, byVersion)
		}
	}
	return nil
}

// StreamHead returns a stream's owner and version; Version is 0 for a stream that does not exist.
func (s *Store) StreamHead(ctx context.Context, id StreamID) (Stream, error) {
	head := Stream{ID: id}
	var version int64
	if _, err := s.queryOne(ctx, sqlStreamHead, []any{id.Tenant, id.Kind, id.ID}, &head.Owner, &version); err != nil {
		return Stream{}, fmt.Errorf("eventstore: stream head: %w", err)
	}
	head.Version = uint64(version)
	return head, nil
}

// ReadBatch returns a stretch of the log in its order.
func (s *Store) ReadBatch(ctx context.Context, b Batch) ([]Event, error) {
	limit := min(b.Limit, MaxBatch)
	rows, err := s.readers.Query(ctx, sqlReadBatch, b.After, b.UpTo, b.kinds(), limit)
	return collectEvents(rows, err, min(limit, int(b.UpTo-b.After)))
}

// ChangedStreams returns the streams that have events in a stretch of the log, each once. It ignores the limit.
func (s *Store) ChangedStreams(ctx context.Context, b Batch) ([]StreamID, error) {
	rows, err := s.readers.Query(ctx, sqlChangedStreams, b.After, b.UpTo, b.kinds())
	if err != nil {
		return nil, fmt.Errorf("eventstore: read: %w", Unavailable(err))
	}
	streams, err := pgx.CollectRows(rows, pgx.RowToStructByPos[StreamID])
	if err != nil {
		return nil, fmt.Errorf("eventstore: read: %w", Unavailable(err))
	}
	return streams, nil
}

// EventsAt returns the events at these positions; positions without an event are left out.
func (s *Store) EventsAt(ctx context.Context, positions ...Position) ([]Event, error) {
	rows, err := s.readers.Query(ctx, sqlEventsAt, positions)
	return collectEvents(rows, err, len(positions))
}

// Head returns the last committed position.
func (s *Store) Head(ctx context.Context) (Position, error) {
	var head Position
	if _, err := s.queryOne(ctx, sqlHead, nil, &head); err != nil {
		return 0, fmt.Errorf("eventstore: head: %w", err)
	}
	return head, nil
}

// ClaimHolder returns the stream that holds a claim.
func (s *Store) ClaimHolder(ctx context.Context, tenant string, c Claim) (StreamID, bool, error) {
	id := StreamID{Tenant: tenant}
	found, err := s.queryOne(ctx, sqlClaimHolder, []any{tenant, c.Kind, c.Digest}, &id.Kind, &id.ID)
	if err != nil {
		return StreamID{}, false, fmt.Errorf("eventstore: claim holder: %w", err)
	}
	return id, found, nil
}

// ReadLog answers a LogQuery from the committed log, without the sealed secret parts.
func (s *Store) ReadLog(ctx context.Context, q LogQuery) ([]Event, error) {
	sql, args := q.statement()
	rows, err := s.pool.Query(ctx, sql, args...)
	events, err := collectEvents(rows, err, 64)
	for i := range events {
		events[i].Secret = nil
	}
	return events, err
}

// statement writes the query with only the conditions it needs, so that each shape gets a plan of its own.
func (q *LogQuery) statement() (sql string, args []any) {
	var where strings.Builder
	add := func(condition string, arg any) {
		args = append(args, arg)
		fmt.Fprintf(&where, " and "+condition, len(args))
	}
	args = append(args, q.Tenant)
	if q.StreamKind != "" {
		add("stream_kind = $%d", q.StreamKind)
	}
	if q.StreamID != "" {
		add("stream_id = $%d", q.StreamID)
	}
	if q.Actor != "" {
		add("actor = $%d", q.Actor)
	}
	if exact, below := splitTypes(q.Types); len(below) == 0 && len(exact) > 0 {
		add("type = any ($%d)", exact) // by the index
	} else if len(below) > 0 {
		// One LIKE each: those find the index, "like any" does not.
		args = append(args, exact)
		fmt.Fprintf(&where, " and (type = any ($%d)", len(args))
		for _, pattern := range below {
			args = append(args, pattern)
			fmt.Fprintf(&where, " or type like $%d", len(args))
		}
		where.WriteString(")")
	}
	if !q.Since.IsZero() {
		add("recorded_at >= $%d", q.Since)
	}
	if !q.Until.IsZero() {
		add("recorded_at < $%d", q.Until)
	}
	if q.After > 0 {
		add("position > $%d", q.After)
	}
	if q.Before > 0 {
		add("position < $%d", q.Before)
	}
	order := "asc"
	if q.Descending {
		order = "desc"
	}
	args = append(args, min(q.Limit, MaxBatch))
	return fmt.Sprintf("select %s from eventstore.events where tenant = $1%s order by position %s limit $%d",
		eventColumns, where.String(), order, len(args)), args
}

// splitTypes tells exact types from prefixes, which become patterns.
func splitTypes(types []string) (exact, below []string) {
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	exact = []string{}
	for _, t := range types {
		if prefix, ok := strings.CutSuffix(t, ".*"); ok {
			below = append(below, escape.Replace(prefix)+".%")
		} else {
			exact = append(exact, t)
		}
	}
	return exact, below
}

// collectEvents returns the rows of a query of eventColumns, of which about so many are expected.
func collectEvents(rows pgx.Rows, err error, expect int) ([]Event, error) {
	if err != nil {
		return nil, fmt.Errorf("eventstore: read: %w", Unavailable(err))
	}
	events := make([]Event, 0, max(expect, 0))
	var row eventRow
	_, err = pgx.ForEachRow(rows, row.fields(), func() error {
		events = append(events, row.take())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("eventstore: read: %w", Unavailable(err))
	}
	return events, nil
}

// eventRow is where a row of eventColumns goes.
type eventRow struct {
	Event
	version int64
	cause   pgtype.UUID
}

// fields are those of eventColumns, open and origin the first of them.
func (r *eventRow) fields() []any {
	return append(append(r.open(), r.origin()...), &r.Stream.Tenant, &r.Stream.Kind, &r.Stream.ID)
}

func (r *eventRow) open() []any {
	return []any{
		&r.Position, (*[16]byte)(&r.ID), &r.version, &r.Type, &r.Revision, &r.Payload, &r.Personal, &r.Secret, &r.Subject, &r.RecordedAt,
	}
}

func (r *eventRow) origin() []any { return []any{&r.Actor, &r.cause, &r.Correlate, &r.Client} }

func (r *eventRow) take() Event {
	e := r.Event
	e.Version = uint64(r.version)
	e.Cause = r.cause.Bytes // zero for null
	return e
}
