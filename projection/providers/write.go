package providers

import (
	"context"
	"fmt"

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

// entry is a row in memory.
type entry = projection.Entry[Row]

// fold holds the rows that a stretch of the log touches.
type fold struct {
	model      *Model
	generation int
	rows       projection.Rows[entry]
}

// Len is the number of rows held.
func (f *fold) Len() int { return len(f.rows) }

// Take decodes and folds events. Secret parts stay closed.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	load := func([]codec.Message) error { return f.load(ctx, q, events) }
	taking := projection.Taking{Codec: f.model.codec, Depth: codec.Personal, Load: load, One: f.takeOne}
	return taking.Take(ctx, events)
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	e := f.rows.Of(ev.Stream)
	known, cause := projection.Follows(e.Row.Version, ev)
	if known || cause != nil {
		return cause, nil
	}
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	next, cause := Apply(e.Row, msg, ev)
	if cause != nil {
		return cause, nil
	}
	e.Row, e.Changed = next, true
	return nil, nil
}

// Skip counts an event without applying it.
func (f *fold) Skip(ctx context.Context, q projection.Querier, ev *eventstore.Event) error {
	if err := f.load(ctx, q, []eventstore.Event{*ev}); err != nil {
		return err
	}
	e := f.rows.Of(ev.Stream)
	if known, cause := projection.Follows(e.Row.Version, ev); known || cause != nil {
		return cause
	}
	e.Row, e.Changed = skip(e.Row, ev), true
	return nil
}

// load reads the rows that events continue.
func (f *fold) load(ctx context.Context, q projection.Querier, events []eventstore.Event) error {
	missing := f.rows.Missing(events, kind)
	loading := projection.Loading{What: "providers", Query: loadRows, Table: table(f.generation)}
	return missing.Load(ctx, q, loading, func(rows pgx.Rows) error {
		e := &entry{}
		r := &e.Row
		err := rows.Scan(&r.Tenant, &r.ID, &r.OrganizationID, &r.Version, &r.Position, &r.Removed, &r.Settings, &r.CreatedAt, &r.ChangedAt)
		f.rows[projection.Key{Tenant: r.Tenant, ID: r.ID}] = e
		return err
	})
}

// Queue queues the changed rows and forgets all.
func (f *fold) Queue(batch *pgx.Batch) {
	for _, r := range projection.ChangedRows(f.rows) {
		batch.Queue(fmt.Sprintf(upsertRow, table(f.generation)),
			r.Tenant, r.ID, r.OrganizationID, int64(r.Version), int64(r.Position), r.Removed, r.Settings, r.CreatedAt, r.ChangedAt)
	}
	clear(f.rows)
}

// Write is Queue at once: providers are few.
func (f *fold) Write(ctx context.Context, tx pgx.Tx) error {
	return projection.WriteQueued(ctx, tx, "providers", f.Queue)
}
