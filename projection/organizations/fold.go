package organizations

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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
	children   []statement
	weight     int // of children, in rows
}

// Len is the number of rows held; a large value counts as several.
func (f *fold) Len() int { return len(f.rows) + f.weight }

// Take decodes and folds events.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	messages, errs, err := f.model.codec.DecodeAll(ctx, events, codec.Personal)
	if err != nil {
		return nil, err
	}
	if err := f.load(ctx, q, concerned(messages, events)); err != nil {
		return nil, err
	}
	return projection.TakeEach(events, func(i int, ev *eventstore.Event) (cause, err error) {
		if ev.Stream.Kind == kindInstance {
			return f.takeInstance(messages[i].Proto, errs[i], ev)
		}
		return f.takeOne(messages[i].Proto, errs[i], ev)
	})
}

// takeInstance looks for the default organization in an event of the instance.
func (f *fold) takeInstance(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	if e, is := msg.(*eventv1.InstanceAdded); is && e.GetDefaultOrganizationId() != "" {
		first := f.entry(key{ev.Stream.Tenant, e.GetDefaultOrganizationId()})
		if first.row.Version == 0 {
			return errNoOrganization, nil
		}
		first.row.Default, first.changed = true, true
	}
	return nil, nil
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	e := f.entry(key{ev.Stream.Tenant, ev.Stream.ID})
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
	if e.row.State != stateRemoved {
		changes, cause := f.belongings(msg, ev)
		if cause != nil {
			return cause, nil
		}
		f.take(changes)
	}
	e.row, e.changed = next, true
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
	if err := f.load(ctx, q, []key{{ev.Stream.Tenant, ev.Stream.ID}}); err != nil {
		return err
	}
	e := f.entry(key{ev.Stream.Tenant, ev.Stream.ID})
	if known, cause := follows(&e.row, ev); known || cause != nil {
		return cause
	}
	e.row, e.changed = skip(e.row, ev), true
	return nil
}

func (f *fold) entry(k key) *entry {
	e, held := f.rows[k]
	if !held {
		e = &entry{}
		f.rows[k] = e
	}
	return e
}

// concerned returns the rows that events continue. A stream whose first event is among them has none.
func concerned(messages []codec.Message, events []eventstore.Event) (keys []key) {
	for i := range events {
		ev := &events[i]
		if e, is := messages[i].Proto.(*eventv1.InstanceAdded); is {
			keys = append(keys, key{ev.Stream.Tenant, e.GetDefaultOrganizationId()})
		} else if ev.Stream.Kind == kindOrganization && ev.Version > 1 {
			keys = append(keys, key{ev.Stream.Tenant, ev.Stream.ID})
		}
	}
	return keys
}

// load reads rows that are not held.
func (f *fold) load(ctx context.Context, q projection.Querier, keys []key) error {
	var tenants, ids []string
	for _, k := range keys {
		if _, held := f.rows[k]; !held {
			tenants, ids = append(tenants, k.tenant), append(ids, k.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, fmt.Sprintf(loadRows, table(f.generation)), tenants, ids)
	if err != nil {
		return fmt.Errorf("load organizations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e := &entry{}
		r := &e.row
		if err := rows.Scan(&r.Tenant, &r.ID, &r.Version, &r.Position, &r.State, &r.Name, &r.PrimaryDomain, &r.Default, &r.CreatedAt,
			&r.ChangedAt); err != nil {
			return fmt.Errorf("load organizations: %w", err)
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
	batch := &pgx.Batch{}
	f.Queue(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write organizations: %w", err)
	}
	return nil
}
