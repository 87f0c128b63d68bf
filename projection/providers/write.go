package providers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

const (
	loadRows = `
select ` + columns + `
  from %s
 where (tenant, id) in (select * from unnest($1::text[], $2::text[]))`

	upsertRow = `
insert into %s (` + columns + `)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant, id) do update set version = excluded.version, position = excluded.position, removed = excluded.removed,
    settings = excluded.settings, changed_at = excluded.changed_at`
)

type key struct{ tenant, id string }

// entry is a row in memory.
type entry struct {
	row     Row
	changed bool
}

// fold holds the rows that a stretch of the log touches.
type fold struct {
	model      *Model
	generation int
	rows       map[key]*entry
}

// Len is the number of rows held.
func (f *fold) Len() int { return len(f.rows) }

// Take decodes and folds events. Secret parts stay closed.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	messages, errs, err := f.model.codec.DecodeAll(ctx, events, codec.Personal)
	if err != nil {
		return nil, err
	}
	if err := f.load(ctx, q, events); err != nil {
		return nil, err
	}
	return projection.TakeEach(events, func(i int, ev *eventstore.Event) (cause, err error) {
		return f.takeOne(messages[i].Proto, errs[i], ev)
	})
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	e := f.entry(ev.Stream)
	known, cause := follows(&e.row, ev)
	if known || cause != nil {
		return cause, nil
	}
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	next, cause := Apply(e.row, msg, ev)
	if cause != nil {
		return cause, nil
	}
	e.row, e.changed = next, true
	return nil, nil
}

// Skip counts an event without applying it.
func (f *fold) Skip(ctx context.Context, q projection.Querier, ev *eventstore.Event) error {
	if err := f.load(ctx, q, []eventstore.Event{*ev}); err != nil {
		return err
	}
	e := f.entry(ev.Stream)
	if known, cause := follows(&e.row, ev); known || cause != nil {
		return cause
	}
	e.row, e.changed = skip(e.row, ev), true
	return nil
}

func (f *fold) entry(stream eventstore.StreamID) *entry {
	k := key{stream.Tenant, stream.ID}
	e, held := f.rows[k]
	if !held {
		e = &entry{}
		f.rows[k] = e
	}
	return e
}

// load reads the rows that events continue. A stream whose first event is among them has none.
func (f *fold) load(ctx context.Context, q projection.Querier, events []eventstore.Event) error {
	var tenants, ids []string
	for i := range events {
		ev := &events[i]
		if _, held := f.rows[key{ev.Stream.Tenant, ev.Stream.ID}]; !held && ev.Version > 1 {
			tenants, ids = append(tenants, ev.Stream.Tenant), append(ids, ev.Stream.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, fmt.Sprintf(loadRows, table(f.generation)), tenants, ids)
	if err != nil {
		return fmt.Errorf("load providers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e := &entry{}
		r := &e.row
		if err := rows.Scan(&r.Tenant, &r.ID, &r.OrganizationID, &r.Version, &r.Position, &r.Removed, &r.Settings, &r.CreatedAt, &r.ChangedAt); err != nil {
			return fmt.Errorf("load providers: %w", err)
		}
		f.rows[key{r.Tenant, r.ID}] = e
	}
	return rows.Err()
}

// Queue queues the changed rows and forgets all.
func (f *fold) Queue(batch *pgx.Batch) {
	changed := make([]*Row, 0, len(f.rows))
	for _, e := range f.rows {
		if e.changed {
			changed = append(changed, &e.row)
		}
	}
	slices.SortFunc(changed, func(a, b *Row) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.ID, b.ID))
	})
	for _, r := range changed {
		batch.Queue(fmt.Sprintf(upsertRow, table(f.generation)),
			r.Tenant, r.ID, r.OrganizationID, int64(r.Version), int64(r.Position), r.Removed, r.Settings, r.CreatedAt, r.ChangedAt)
	}
	clear(f.rows)
}

// Write is Queue at once: providers are few.
func (f *fold) Write(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	f.Queue(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write providers: %w", err)
	}
	return nil
}
