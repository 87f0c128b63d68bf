package users

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// upsertBytes is how large the values of one upsert may be, but for those of its last user.
const upsertBytes = 16 << 20

const (
	credentialColumns = `tenant, user_id, kind, id, organization_id, state, name, domain, provider_id, external_id, remaining,
position, created_at, changed_at, expires_at`

	metadataColumns = `tenant, user_id, key, key_lower, value, position, created_at, changed_at`

	loadCredentials = `
select c.tenant, c.user_id, c.kind, c.id, state, name, domain, provider_id, external_id, remaining, position, created_at,
       changed_at, expires_at
  from unnest($1::text[], $2::text[], $3::smallint[]) as wanted (tenant, user_id, kind)
 cross join lateral (select * from %s c
                      where c.tenant = wanted.tenant and c.user_id = wanted.user_id and c.kind = wanted.kind offset 0) c`

	// A value is replaced whole, so that only the beginning of its entry is loaded.
	loadMetadata = `
select m.tenant, m.user_id, m.key, position, created_at
  from unnest($1::text[], $2::text[], $3::text[]) as wanted (tenant, user_id, key)
 cross join lateral (select * from %s m
                      where m.tenant = wanted.tenant and m.user_id = wanted.user_id and m.key = wanted.key offset 0) m`

	emptyTable = `
delete from %s c
 using unnest($1::text[], $2::text[]) as gone (tenant, user_id)
 where c.tenant = gone.tenant and c.user_id = gone.user_id`

	deleteCredentials = `
delete from %s c
 using unnest($1::text[], $2::text[], $3::smallint[], $4::text[]) as gone (tenant, user_id, kind, id)
 where c.tenant = gone.tenant and c.user_id = gone.user_id and c.kind = gone.kind and c.id = gone.id`

	deleteMetadata = `
delete from %s m
 using unnest($1::text[], $2::text[], $3::text[]) as gone (tenant, user_id, key)
 where m.tenant = gone.tenant and m.user_id = gone.user_id and m.key = gone.key`

	upsertCredentials = `
insert into %s (` + credentialColumns + `)
select * from unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::integer[], $12::bigint[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[])
on conflict (tenant, user_id, kind, id) do update
   set organization_id = excluded.organization_id, state = excluded.state, name = excluded.name, domain = excluded.domain,
       provider_id = excluded.provider_id, external_id = excluded.external_id, remaining = excluded.remaining,
       position = excluded.position, created_at = excluded.created_at, changed_at = excluded.changed_at,
       expires_at = excluded.expires_at`

	upsertMetadata = `
insert into %s (` + metadataColumns + `)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::timestamptz[], $8::timestamptz[])
on conflict (tenant, user_id, key) do update
   set value = excluded.value, position = excluded.position, created_at = excluded.created_at, changed_at = excluded.changed_at`
)

// wanted are rows of child tables that events depend on.
type wanted struct {
	credentials struct {
		tenant, user []string
		kind         []int16
	}
	metadata struct{ tenant, user, key []string }
}

// loadBelongings reads the child rows that events depend on. A stream that began in memory has none in the tables.
func (f *fold) loadBelongings(ctx context.Context, q projection.Querier, messages []codec.Message, events []eventstore.Event) error {
	var w wanted
	for i := range events {
		ev := &events[i]
		e := f.rows[projection.KeyOf(ev.Stream)]
		if e == nil || !e.stored || ev.Version <= e.row.Version || e.belongings != nil && e.belongings.emptied {
			continue
		}
		w.want(e, messages[i])
	}
	if err := f.loadCredentials(ctx, q, &w); err != nil {
		return fmt.Errorf("load credentials: %w", err)
	}
	if err := f.loadMetadata(ctx, q, &w); err != nil {
		return fmt.Errorf("load metadata: %w", err)
	}
	return nil
}

// want notes what an event depends on and is not here.
func (w *wanted) want(e *entry, msg codec.Message) {
	for _, kind := range dependsOn(msg.Proto) {
		b := e.own()
		if slices.Contains(b.loaded, kind) {
			continue
		}
		b.loaded = append(b.loaded, kind)
		c := &w.credentials
		c.tenant, c.user, c.kind = append(c.tenant, e.row.Tenant), append(c.user, e.row.ID), append(c.kind, kind)
	}
	name, set := metadataKey(msg.Proto)
	if !set {
		return
	}
	b := e.own()
	if _, here := b.metadata[name]; here {
		return
	}
	b.metadata[name] = held[Metadata]{gone: true} // unless the table has it
	m := &w.metadata
	m.tenant, m.user, m.key = append(m.tenant, e.row.Tenant), append(m.user, e.row.ID), append(m.key, name)
}

func (f *fold) loadCredentials(ctx context.Context, q projection.Querier, w *wanted) error {
	if len(w.credentials.kind) == 0 {
		return nil
	}
	sql := fmt.Sprintf(loadCredentials, credentialsTable(f.generation))
	rows, err := q.Query(ctx, sql, w.credentials.tenant, w.credentials.user, w.credentials.kind)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k projection.Key
		var c Credential
		if err := rows.Scan(&k.Tenant, &k.ID, &c.Kind, &c.ID, &c.State, &c.Name, &c.Domain, &c.ProviderID, &c.ExternalID,
			&c.Remaining, &c.Position, &c.CreatedAt, &c.ChangedAt, &c.ExpiresAt); err != nil {
			return err
		}
		b := f.rows[k].own()
		if _, here := b.credentials[c.key()]; !here {
			b.credentials[c.key()] = held[Credential]{row: c}
		}
	}
	return rows.Err()
}

func (f *fold) loadMetadata(ctx context.Context, q projection.Querier, w *wanted) error {
	if len(w.metadata.key) == 0 {
		return nil
	}
	sql := fmt.Sprintf(loadMetadata, metadataTable(f.generation))
	rows, err := q.Query(ctx, sql, w.metadata.tenant, w.metadata.user, w.metadata.key)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k projection.Key
		var m Metadata
		if err := rows.Scan(&k.Tenant, &k.ID, &m.Key, &m.Position, &m.CreatedAt); err != nil {
			return err
		}
		f.rows[k].own().metadata[m.Key] = held[Metadata]{row: m}
	}
	return rows.Err()
}

// own returns what is in memory of a user's belongings.
func (e *entry) own() *belongings {
	if e.belongings == nil {
		e.belongings = newBelongings()
	}
	return e.belongings
}

// queueBelongings queues what changed, one statement for each table and way to change it. What a user loses at once goes
// first.
func (f *fold) queueBelongings(batch *pgx.Batch) {
	owners := f.owners()
	f.queueEmptied(batch, owners)
	var rows childRows
	for _, e := range owners {
		rows.add(e)
		if rows.full() {
			rows.queue(batch, f.generation)
			rows = childRows{}
		}
	}
	rows.queue(batch, f.generation)
}

// owners returns the users whose belongings are in memory, in the order of the primary keys.
func (f *fold) owners() []*entry {
	var owners []*entry
	for _, e := range f.rows {
		if e.belongings != nil {
			owners = append(owners, e)
		}
	}
	slices.SortFunc(owners, func(a, b *entry) int {
		return cmp.Or(strings.Compare(a.row.Tenant, b.row.Tenant), strings.Compare(a.row.ID, b.row.ID))
	})
	return owners
}

func (f *fold) queueEmptied(batch *pgx.Batch, owners []*entry) {
	var tenants, users []string
	for _, e := range owners {
		if e.stored && e.belongings.emptied {
			tenants, users = append(tenants, e.row.Tenant), append(users, e.row.ID)
		}
	}
	if len(users) > 0 {
		batch.Queue(fmt.Sprintf(emptyTable, credentialsTable(f.generation)), tenants, users)
		batch.Queue(fmt.Sprintf(emptyTable, metadataTable(f.generation)), tenants, users)
	}
}

// childRows are the rows of child tables that one round of statements writes.
type childRows struct {
	gone, put  credentialRows
	unset, set metadataRows
	bytes      int // of values
}

func (r *childRows) add(e *entry) {
	// The tables hold nothing to delete of a user who is new in them or was just emptied.
	known := e.stored && !e.belongings.emptied
	for _, k := range sortedKeys(e.belongings.credentials, compareCredentials) {
		switch h := e.belongings.credentials[k]; {
		case h.changed && !h.gone:
			r.put.add(&e.row, &h.row)
		case h.changed && known:
			r.gone.add(&e.row, &Credential{Kind: k.kind, ID: k.id})
		}
	}
	for _, k := range sortedKeys(e.belongings.metadata, strings.Compare) {
		switch h := e.belongings.metadata[k]; {
		case h.changed && !h.gone:
			r.set.add(&e.row, &h.row)
			r.bytes += len(h.row.Value)
		case h.changed && known:
			r.unset.add(&e.row, &Metadata{Key: k})
		}
	}
}

// full reports that one round should not take more.
func (r *childRows) full() bool {
	return len(r.put.id)+len(r.set.key) >= upsertMost || r.bytes >= upsertBytes
}

func (r *childRows) queue(batch *pgx.Batch, generation int) {
	credentials, metadata := credentialsTable(generation), metadataTable(generation)
	if len(r.gone.id) > 0 {
		batch.Queue(fmt.Sprintf(deleteCredentials, credentials), r.gone.tenant, r.gone.user, r.gone.kind, r.gone.id)
	}
	if len(r.put.id) > 0 {
		batch.Queue(fmt.Sprintf(upsertCredentials, credentials), r.put.args()...)
	}
	if len(r.unset.key) > 0 {
		batch.Queue(fmt.Sprintf(deleteMetadata, metadata), r.unset.tenant, r.unset.user, r.unset.key)
	}
	if len(r.set.key) > 0 {
		batch.Queue(fmt.Sprintf(upsertMetadata, metadata), r.set.args()...)
	}
}

func sortedKeys[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}

func compareCredentials(a, b credentialKey) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.id, b.id))
}

// credentialRows are credentials by column.
type credentialRows struct {
	tenant, user, id, organization, name, domain, provider, external []string
	kind, state                                                      []int16
	remaining                                                        []int32
	position                                                         []int64
	created, changed                                                 []time.Time
	expires                                                          []*time.Time
}

func (a *credentialRows) add(r *Row, c *Credential) {
	a.tenant, a.user, a.kind, a.id = append(a.tenant, r.Tenant), append(a.user, r.ID), append(a.kind, c.Kind), append(a.id, c.ID)
	a.organization, a.state = append(a.organization, r.OrganizationID), append(a.state, c.State)
	a.name, a.domain = append(a.name, c.Name), append(a.domain, c.Domain)
	a.provider, a.external = append(a.provider, c.ProviderID), append(a.external, c.ExternalID)
	a.remaining, a.position = append(a.remaining, c.Remaining), append(a.position, int64(c.Position))
	a.created, a.changed = append(a.created, c.CreatedAt), append(a.changed, c.ChangedAt)
	a.expires = append(a.expires, c.ExpiresAt)
}

func (a *credentialRows) args() []any {
	return []any{
		a.tenant, a.user, a.kind, a.id, a.organization, a.state, a.name, a.domain, a.provider, a.external, a.remaining, a.position,
		a.created, a.changed, a.expires,
	}
}

// metadataRows are metadata by column.
type metadataRows struct {
	tenant, user, key, lower []string
	value                    [][]byte
	position                 []int64
	created, changed         []time.Time
}

func (a *metadataRows) add(r *Row, m *Metadata) {
	a.tenant, a.user = append(a.tenant, r.Tenant), append(a.user, r.ID)
	a.key, a.lower, a.value = append(a.key, m.Key), append(a.lower, strings.ToLower(m.Key)), append(a.value, m.Value)
	a.position = append(a.position, int64(m.Position))
	a.created, a.changed = append(a.created, m.CreatedAt), append(a.changed, m.ChangedAt)
}

func (a *metadataRows) args() []any {
	return []any{a.tenant, a.user, a.key, a.lower, a.value, a.position, a.created, a.changed}
}
