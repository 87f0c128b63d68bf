package organizations

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// rowSize is about how many bytes a row takes in memory.
const rowSize = 512

const (
	loadRows = `
select tenant, id, version, position, state, name, primary_domain, is_default, created_at, changed_at
  from %s
 where (tenant, id) in (select * from unnest($1::text[], $2::text[]))`

	upsertRow = `
insert into %s (` + columns + `)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (tenant, id) do update set version = excluded.version, position = excluded.position, state = excluded.state,
    name = excluded.name, name_lower = excluded.name_lower, primary_domain = excluded.primary_domain,
    is_default = excluded.is_default, created_at = excluded.created_at, changed_at = excluded.changed_at`
)

// entry is a row in memory.
type entry = projection.Entry[Row]

// fold holds the rows that a stretch of the log touches.
type fold struct {
	model      *Model
	generation int
	rows       projection.Rows[entry]
	children   []statement
	weight     int // of children, in rows
}

// Len is the number of rows held; a large value counts as several.
func (f *fold) Len() int { return len(f.rows) + f.weight }

// Take decodes and folds events.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	load := func(messages []codec.Message) error { return f.load(ctx, q, f.concerned(messages, events)) }
	taking := projection.Taking{Codec: f.model.codec, Depth: codec.Personal, Load: load, One: f.takeOne}
	return taking.Take(ctx, events)
}

// takeInstance looks for the default organization in an event of the instance.
func (f *fold) takeInstance(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	if e, is := msg.(*eventv1.InstanceAdded); is && e.GetDefaultOrganizationId() != "" {
		first := f.rows.Of(eventstore.StreamID{Tenant: ev.Stream.Tenant, Kind: kindOrganization, ID: e.GetDefaultOrganizationId()})
		if first.Row.Version == 0 {
			return errNoOrganization, nil
		}
		first.Row.Default, first.Changed = true, true
	}
	return nil, nil
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	if ev.Stream.Kind == kindInstance {
		return f.takeInstance(msg, undecoded, ev)
	}
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
	if e.Row.State != stateRemoved {
		changes, cause := f.belongings(msg, ev)
		if cause != nil {
			return cause, nil
		}
		f.take(changes)
	}
	e.Row, e.Changed = next, true
	return nil, nil
}

func (f *fold) take(changes []statement) {
	f.children = append(f.children, changes...)
	for i := range changes {
		f.weight += changes[i].weight()
	}
}

// Skip counts an event without applying it.
func (f *fold) Skip(ctx context.Context, q projection.Querier, ev *eventstore.Event) error {
	if ev.Stream.Kind == kindInstance {
		return nil
	}
	if err := f.load(ctx, q, f.rows.Missing([]eventstore.Event{*ev}, kindOrganization)); err != nil {
		return err
	}
	e := f.rows.Of(ev.Stream)
	if known, cause := projection.Follows(e.Row.Version, ev); known || cause != nil {
		return cause
	}
	e.Row, e.Changed = skip(e.Row, ev), true
	return nil
}

// concerned returns the rows that events need and that are not held.
func (f *fold) concerned(messages []codec.Message, events []eventstore.Event) projection.Keys {
	keys := f.rows.Missing(events, kindOrganization)
	for i := range events {
		if e, is := messages[i].Proto.(*eventv1.InstanceAdded); is {
			k := projection.Key{Tenant: events[i].Stream.Tenant, ID: e.GetDefaultOrganizationId()}
			if _, held := f.rows[k]; !held {
				keys.Add(k)
			}
		}
	}
	return keys
}

func (f *fold) load(ctx context.Context, q projection.Querier, keys projection.Keys) error {
	loading := projection.Loading{What: "organizations", Query: loadRows, Table: table(f.generation)}
	return keys.Load(ctx, q, loading, func(rows pgx.Rows) error {
		e := &entry{}
		r := &e.Row
		err := rows.Scan(&r.Tenant, &r.ID, &r.Version, &r.Position, &r.State, &r.Name, &r.PrimaryDomain, &r.Default, &r.CreatedAt,
			&r.ChangedAt)
		f.rows[projection.Key{Tenant: r.Tenant, ID: r.ID}] = e
		return err
	})
}

// Queue queues the changed rows and forgets all.
func (f *fold) Queue(batch *pgx.Batch) {
	for _, r := range projection.ChangedRows(f.rows) {
		batch.Queue(fmt.Sprintf(upsertRow, table(f.generation)), r.Tenant, r.ID, int64(r.Version), int64(r.Position), r.State, r.Name,
			strings.ToLower(r.Name), r.PrimaryDomain, r.Default, r.CreatedAt, r.ChangedAt)
	}
	for _, s := range f.children {
		batch.Queue(s.sql, s.args...)
	}
	clear(f.rows)
	f.children, f.weight = nil, 0
}

// Write is Queue at once: organizations are few.
func (f *fold) Write(ctx context.Context, tx pgx.Tx) error {
	return projection.WriteQueued(ctx, tx, "organizations", f.Queue)
}
