package sessions

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/projection"
)

// writeMost is how many rows one statement takes, and writeBytes how large its values of metadata may be, but for those of
// its last session.
const (
	writeMost  = 2000
	writeBytes = 16 << 20
)

const (
	columns = `tenant, id, version, position, creator_id, user_id, organization_id, fingerprint_id, ip, description, headers,
user_verified, created_at, changed_at, expires_at, user_checked_at, password_checked_at, webauthn_checked_at, intent_checked_at,
totp_checked_at, otp_sms_checked_at, otp_email_checked_at, recovery_code_checked_at`

	metadataColumns = `tenant, session_id, key, value`

	// loadRows leaves out what no event changes.
	loadRows = `
select s.tenant, s.id, version, position, user_id, organization_id, user_verified, changed_at, expires_at, user_checked_at,
       password_checked_at, webauthn_checked_at, intent_checked_at, totp_checked_at, otp_sms_checked_at, otp_email_checked_at,
       recovery_code_checked_at
  from unnest($1::text[], $2::text[]) as wanted (tenant, id)
 cross join lateral (select * from %s s where s.tenant = wanted.tenant and s.id = wanted.id offset 0) s`

	insertRows = `
insert into %s (` + columns + `)
select tenant, id, version, position, creator_id, user_id, organization_id, fingerprint_id, ip, description, headers::jsonb,
       user_verified, created_at, changed_at, expires_at, user_checked_at, password_checked_at, webauthn_checked_at,
       intent_checked_at, totp_checked_at, otp_sms_checked_at, otp_email_checked_at, recovery_code_checked_at
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::boolean[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[],
    $17::timestamptz[], $18::timestamptz[], $19::timestamptz[], $20::timestamptz[], $21::timestamptz[], $22::timestamptz[],
    $23::timestamptz[]) as added (` + columns + `)`

	// A new token is all that most events bring.
	moveRows = `
update %s s
   set version = moved.version, position = moved.position, changed_at = moved.changed_at
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[])
    as moved (tenant, id, version, position, changed_at)
 where s.tenant = moved.tenant and s.id = moved.id`

	changeRows = `
update %s s
   set version = changed.version, position = changed.position, user_id = changed.user_id, organization_id = changed.organization_id,
       user_verified = changed.user_verified, changed_at = changed.changed_at, expires_at = changed.expires_at,
       user_checked_at = changed.user_checked_at, password_checked_at = changed.password_checked_at,
       webauthn_checked_at = changed.webauthn_checked_at, intent_checked_at = changed.intent_checked_at,
       totp_checked_at = changed.totp_checked_at, otp_sms_checked_at = changed.otp_sms_checked_at,
       otp_email_checked_at = changed.otp_email_checked_at, recovery_code_checked_at = changed.recovery_code_checked_at
  from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::boolean[], $8::timestamptz[],
    $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[],
    $15::timestamptz[], $16::timestamptz[], $17::timestamptz[]) as changed (tenant, id, version, position, user_id, organization_id,
    user_verified, changed_at, expires_at, user_checked_at, password_checked_at, webauthn_checked_at, intent_checked_at,
    totp_checked_at, otp_sms_checked_at, otp_email_checked_at, recovery_code_checked_at)
 where s.tenant = changed.tenant and s.id = changed.id`

	deleteRows = `
delete from %s s
 using unnest($1::text[], $2::text[]) as gone (tenant, id)
 where s.tenant = gone.tenant and s.id = gone.id`

	emptyMetadata = `
delete from %s m
 using unnest($1::text[], $2::text[]) as gone (tenant, id)
 where m.tenant = gone.tenant and m.session_id = gone.id`

	deleteMetadata = `
delete from %s m
 using unnest($1::text[], $2::text[], $3::text[]) as gone (tenant, id, key)
 where m.tenant = gone.tenant and m.session_id = gone.id and m.key = gone.key`

	upsertMetadata = `
insert into %s (` + metadataColumns + `)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[])
on conflict (tenant, session_id, key) do update set value = excluded.value`
)

// scan takes a row as loadRows returns it.
func (r *Row) scan(rows pgx.Rows) error {
	var expires *time.Time
	var checked [8]*time.Time
	into := []any{&r.Tenant, &r.ID, &r.Version, &r.Position, &r.UserID, &r.OrganizationID, &r.Checked.UserVerified, &r.ChangedAt, &expires}
	for i := range checked {
		into = append(into, &checked[i])
	}
	if err := rows.Scan(into...); err != nil {
		return err
	}
	if expires != nil {
		r.ExpiresAt = *expires
	}
	for i, field := range r.Checked.fields() {
		if checked[i] != nil {
			*field = *checked[i]
		}
	}
	return nil
}

// fields are the moments in the order of their columns.
func (c *Checked) fields() [8]*time.Time {
	return [...]*time.Time{&c.User, &c.Password, &c.WebAuthn, &c.Intent, &c.TOTP, &c.OTPSMS, &c.OTPEmail, &c.RecoveryCode}
}

// Queue queues the changed rows and forgets all.
func (f *fold) Queue(batch *pgx.Batch) {
	var fresh, moved, changed, gone []*entry
	for _, e := range f.rows {
		switch {
		case !e.moved, e.ended && !e.stored:
		case e.ended:
			gone = append(gone, e)
		case !e.stored:
			fresh = append(fresh, e)
		case e.facts:
			changed = append(changed, e)
		default:
			moved = append(moved, e)
		}
	}
	f.queueRows(batch, moveRows, moved, (*arrays).moved)
	f.queueRows(batch, changeRows, changed, (*arrays).changed)
	f.queueRows(batch, insertRows, fresh, (*arrays).inserted)
	f.queueRows(batch, deleteRows, gone, (*arrays).keys)
	f.queueMetadata(batch, slices.Concat(moved, changed, fresh), gone)
	clear(f.rows)
	f.children = 0
}

// Write is Queue at once: what has ended by the end of a stretch is never written, and what has not is not much.
func (f *fold) Write(ctx context.Context, tx pgx.Tx) error {
	return projection.WriteQueued(ctx, tx, "sessions", f.Queue)
}

// queueRows queues one statement over rows, in the order of the primary key: neighbours share index pages.
func (f *fold) queueRows(batch *pgx.Batch, sql string, entries []*entry, args func(*arrays) []any) {
	slices.SortFunc(entries, func(a, b *entry) int {
		return cmp.Or(strings.Compare(a.row.Tenant, b.row.Tenant), strings.Compare(a.row.ID, b.row.ID))
	})
	for chunk := range slices.Chunk(entries, writeMost) {
		var a arrays
		for _, e := range chunk {
			a.add(&e.row)
		}
		batch.Queue(fmt.Sprintf(sql, f.table), args(&a)...)
	}
}

func (f *fold) queueMetadata(batch *pgx.Batch, left, gone []*entry) {
	table := metadataTable(f.generation)
	f.queueEmpty(batch, gone)
	var unset, set metadataRows
	for _, e := range left {
		for _, name := range sortedKeys(e.metadata) {
			if value := e.metadata[name]; value != nil {
				set.add(&e.row, name, value)
			} else if e.stored {
				unset.add(&e.row, name, nil)
			}
		}
		if len(set.key) >= writeMost || set.bytes >= writeBytes {
			batch.Queue(fmt.Sprintf(upsertMetadata, table), set.tenant, set.id, set.key, set.value)
			set = metadataRows{}
		}
	}
	if len(unset.key) > 0 {
		batch.Queue(fmt.Sprintf(deleteMetadata, table), unset.tenant, unset.id, unset.key)
	}
	if len(set.key) > 0 {
		batch.Queue(fmt.Sprintf(upsertMetadata, table), set.tenant, set.id, set.key, set.value)
	}
}

func (f *fold) queueEmpty(batch *pgx.Batch, gone []*entry) {
	for chunk := range slices.Chunk(gone, writeMost) {
		var a arrays
		for _, e := range chunk {
			a.add(&e.row)
		}
		batch.Queue(fmt.Sprintf(emptyMetadata, metadataTable(f.generation)), a.keys()...)
	}
}

func sortedKeys(m map[string][]byte) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// arrays are rows by column, as unnest takes them.
type arrays struct {
	tenant, id, creator, user, organization, fingerprint, ip, description, headers []string
	version, position                                                              []int64
	userVerified                                                                   []bool
	created, changedAt                                                             []time.Time
	expires                                                                        []*time.Time
	checked                                                                        [8][]*time.Time
}

func (a *arrays) add(r *Row) {
	a.tenant, a.id = append(a.tenant, r.Tenant), append(a.id, r.ID)
	a.version, a.position = append(a.version, int64(r.Version)), append(a.position, int64(r.Position))
	a.creator, a.user, a.organization = append(a.creator, r.CreatorID), append(a.user, r.UserID), append(a.organization, r.OrganizationID)
	a.fingerprint, a.ip = append(a.fingerprint, r.Agent.FingerprintID), append(a.ip, r.Agent.IP)
	a.description, a.headers = append(a.description, r.Agent.Description), append(a.headers, r.Agent.Headers)
	a.userVerified = append(a.userVerified, r.Checked.UserVerified)
	a.created, a.changedAt = append(a.created, r.CreatedAt), append(a.changedAt, r.ChangedAt)
	a.expires = append(a.expires, orNull(r.ExpiresAt))
	for i, at := range r.Checked.fields() {
		a.checked[i] = append(a.checked[i], orNull(*at))
	}
}

func (a *arrays) inserted() []any {
	args := []any{
		a.tenant, a.id, a.version, a.position, a.creator, a.user, a.organization, a.fingerprint, a.ip, a.description, a.headers,
		a.userVerified, a.created, a.changedAt, a.expires,
	}
	return a.withChecked(args)
}

func (a *arrays) changed() []any {
	return a.withChecked([]any{a.tenant, a.id, a.version, a.position, a.user, a.organization, a.userVerified, a.changedAt, a.expires})
}

func (a *arrays) moved() []any { return []any{a.tenant, a.id, a.version, a.position, a.changedAt} }
func (a *arrays) keys() []any  { return []any{a.tenant, a.id} }

func (a *arrays) withChecked(args []any) []any {
	for i := range a.checked {
		args = append(args, a.checked[i])
	}
	return args
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// metadataRows are values of metadata by column.
type metadataRows struct {
	tenant, id, key []string
	value           [][]byte
	bytes           int
}

func (a *metadataRows) add(r *Row, name string, value []byte) {
	a.tenant, a.id = append(a.tenant, r.Tenant), append(a.id, r.ID)
	a.key, a.value = append(a.key, name), append(a.value, value)
	a.bytes += len(value)
}
