package users

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

// copyFrom is the number of new rows from which COPY is cheaper than the upsert.
const copyFrom = 500

// upsertMost is how many rows one upsert takes.
const upsertMost = 2000

// rowSize is about how many bytes a row takes in memory.
const rowSize = 1024

const (
	loadRows = `
select ` + loaded + `
  from unnest($1::text[], $2::text[]) as wanted (tenant, id)
 cross join lateral (select * from %s u where u.tenant = wanted.tenant and u.id = wanted.id offset 0) u`

	// loaded are the columns that Row.fields takes.
	loaded = `u.tenant, u.id, organization_id, version, position, state, kind, username, given_name, family_name, nick_name,
display_name, preferred_language, gender, email, email_verified, phone, phone_verified, has_password,
password_change_required, password_changed_at, mfa_init_skipped_at, machine_name, machine_description, has_secret, signed_tokens, created_at, changed_at, born, avatar`

	upsertRows = `
insert into %s (` + columns + `)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::smallint[], $7::smallint[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::smallint[], $15::text[], $16::boolean[], $17::text[],
    $18::boolean[], $19::boolean[], $20::boolean[], $21::timestamptz[], $22::timestamptz[], $23::text[], $24::text[],
    $25::boolean[], $26::boolean[], $27::timestamptz[], $28::timestamptz[], $29::bigint[], $30::text[], $31::text[], $32::text[],
    $33::text[], $34::text[], $35::text[], $36::text[])
on conflict (tenant, id) do update set %s`

	addCounts = `
insert into %s as c (tenant, organization_id, count)
select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (tenant, organization_id) do update set count = c.count + excluded.count`
)

type organization struct{ tenant, id string }

// entry is a row in memory.
type entry struct {
	row     Row
	stored  bool // the table has it
	changed bool

	belongings *belongings // nil while no event concerned them
}

// fold holds the rows that a stretch of the log touches.
type fold struct {
	model      *Model
	generation int
	table      string // of users
	rows       projection.Rows[entry]
	counts     map[organization]int64 // changes of the number of users
	endings    endings
	children   int // rows of the child tables, by the memory they take
}

// Len is the number of rows held; a large value counts as several.
func (f *fold) Len() int { return len(f.rows) + f.children }

// Take decodes and folds events.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	load := func(messages []codec.Message) error {
		if err := f.load(ctx, q, events); err != nil {
			return err
		}
		if err := f.loadBelongings(ctx, q, messages, events); err != nil {
			return err
		}
		return f.loadEndings(ctx, q, messages, events)
	}
	taking := projection.Taking{Codec: f.model.codec, Depth: codec.Personal, Load: load, One: f.takeOne}
	return taking.Take(ctx, events)
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	if ev.Stream.Kind == kindOrganization {
		return f.takeOrganization(msg, undecoded, ev)
	}
	e := f.rows.Of(ev.Stream)
	known, cause := projection.Follows(e.row.Version, ev)
	if known || cause != nil {
		return cause, nil
	}
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	next, cause := Apply(e.row, msg, ev)
	if cause == nil && next.hasNulls() {
		cause = projection.ErrHasNulls
	}
	if cause != nil {
		return cause, nil
	}
	changes, cause := changeOf(msg, ev, &e.row, e.belongings)
	if cause != nil {
		return cause, nil
	}
	f.take(e, &changes)
	f.replace(e, next)
	f.outlive(e)
	return nil, nil
}

// take changes a user's belongings. Those that no event concerned take no memory.
func (f *fold) take(e *entry, c *change) {
	nothing := e.belongings == nil && !e.stored
	if c.idle() || c.empty && nothing {
		return
	}
	e.own().take(c)
	if c.put != nil {
		f.children++
	}
	if c.set != nil {
		f.children += 1 + len(c.set.Value)/rowSize
	}
}

// Skip counts an event without applying it.
func (f *fold) Skip(ctx context.Context, q projection.Querier, ev *eventstore.Event) error {
	if ev.Stream.Kind == kindOrganization {
		return nil
	}
	if err := f.load(ctx, q, []eventstore.Event{*ev}); err != nil {
		return err
	}
	e := f.rows.Of(ev.Stream)
	if known, cause := projection.Follows(e.row.Version, ev); known || cause != nil {
		return cause
	}
	f.replace(e, skip(e.row, ev))
	return nil
}

func (f *fold) replace(e *entry, next Row) {
	if e.row.exists() {
		f.counts[organization{e.row.Tenant, e.row.OrganizationID}]--
	}
	if next.exists() {
		f.counts[organization{next.Tenant, next.OrganizationID}]++
	}
	e.row, e.changed = next, true
}

// load reads the rows that events continue.
func (f *fold) load(ctx context.Context, q projection.Querier, events []eventstore.Event) error {
	missing := f.rows.Missing(events, kindUser)
	loading := projection.Loading{What: "users", Query: loadRows, Table: f.table}
	return missing.Load(ctx, q, loading, func(rows pgx.Rows) error {
		e := &entry{stored: true}
		if err := rows.Scan(e.row.fields()...); err != nil {
			return err
		}
		f.rows[projection.Key{Tenant: e.row.Tenant, ID: e.row.ID}] = e
		f.outlive(e) // of an organization whose end the table does not know yet
		return nil
	})
}

// Queue queues the changed rows and the changed numbers, and forgets all.
func (f *fold) Queue(batch *pgx.Batch) {
	fresh, stored := f.changed()
	f.queue(batch, append(fresh, stored...))
}

// Write is Queue with COPY for new rows.
func (f *fold) Write(ctx context.Context, tx pgx.Tx) error {
	fresh, stored := f.changed()
	if len(fresh) >= copyFrom {
		if err := f.copyRows(ctx, tx, fresh); err != nil {
			return err
		}
		fresh = nil
	}
	return projection.WriteQueued(ctx, tx, "users", func(batch *pgx.Batch) { f.queue(batch, append(fresh, stored...)) })
}

// changed returns the rows to write: those the table lacks, and those it has.
func (f *fold) changed() (fresh, stored []*Row) {
	for _, e := range f.rows {
		switch {
		case !e.changed:
		case e.stored:
			stored = append(stored, &e.row)
		default:
			fresh = append(fresh, &e.row)
		}
	}
	return fresh, stored
}

func (f *fold) queue(batch *pgx.Batch, rows []*Row) {
	f.queueEndings(batch)
	sortRows(rows)
	for chunk := range slices.Chunk(rows, upsertMost) {
		var a arrays
		for _, row := range chunk {
			a.add(row)
		}
		batch.Queue(fmt.Sprintf(upsertRows, f.table, assignments), a.args()...)
	}
	f.queueBelongings(batch)
	f.queueCounts(batch)
	clear(f.rows)
	clear(f.counts)
	clear(f.endings.known)
	f.children = 0
}

// sortRows puts rows into the order of the primary key: neighbours share index pages.
func sortRows(rows []*Row) {
	slices.SortFunc(rows, func(a, b *Row) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.ID, b.ID))
	})
}

func (f *fold) copyRows(ctx context.Context, tx pgx.Tx, rows []*Row) error {
	sortRows(rows)
	table := pgx.Identifier(strings.Split(f.table, "."))
	_, err := tx.CopyFrom(ctx, table, columnNames, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		return rows[i].values(), nil
	}))
	if err != nil {
		return fmt.Errorf("copy users: %w", err)
	}
	return nil
}

func (f *fold) queueCounts(batch *pgx.Batch) {
	var tenants, organizations []string
	var by []int64
	for o, n := range f.counts {
		if n != 0 && !f.endings.has(o.tenant, o.id) {
			tenants, organizations, by = append(tenants, o.tenant), append(organizations, o.id), append(by, n)
		}
	}
	if len(by) > 0 {
		batch.Queue(fmt.Sprintf(addCounts, countTable(f.generation)), tenants, organizations, by)
	}
}

// assignments is the upsert's "column = excluded.column" for every column behind the key.
var assignments = func() string {
	list := make([]string, 0, len(columnNames))
	for _, name := range columnNames[2:] {
		list = append(list, name+" = excluded."+name)
	}
	return strings.Join(list, ", ")
}()

// hasNulls reports a text that Postgres cannot hold.
func (r *Row) hasNulls() bool {
	return projection.HasNulls(
		r.ID, r.OrganizationID, r.Username, r.GivenName, r.FamilyName, r.NickName, r.DisplayName, r.PreferredLanguage,
		r.Email, r.Phone, r.MachineName, r.MachineDescription)
}
