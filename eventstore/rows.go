package eventstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// The arrays that a group's statements unnest.

type streamRows struct {
	tenant, kind, id, owner []string
	expected, next          []int64
}

func (r *streamRows) add(c *Change) {
	r.tenant, r.kind, r.id = append(r.tenant, c.Stream.Tenant), append(r.kind, c.Stream.Kind), append(r.id, c.Stream.ID)
	r.owner = append(r.owner, c.Owner)
	r.expected = append(r.expected, int64(c.Expected))
	r.next = append(r.next, int64(c.Expected)+int64(len(c.Events)))
}

type claimRow struct {
	tenant, kind string
	digest       []byte
	stream       StreamID
}

type claimRows struct {
	rows []claimRow
}

func (r *claimRows) add(c *Change, claims []Claim) {
	for _, claim := range claims {
		r.rows = append(r.rows, claimRow{c.Stream.Tenant, claim.Kind, claim.Digest, c.Stream})
	}
}

func (r *claimRow) compare(other *claimRow) int {
	return cmp.Or(cmp.Compare(r.tenant, other.tenant), cmp.Compare(r.kind, other.kind), slices.Compare(r.digest, other.digest))
}

// args returns the arrays, sorted and each claim once: every transaction locks claims in the same order.
func (r *claimRows) args() []any {
	slices.SortFunc(r.rows, func(a, b claimRow) int { return a.compare(&b) })
	r.rows = slices.CompactFunc(r.rows, func(a, b claimRow) bool { return a.compare(&b) == 0 })
	var tenant, kind, streamKind, streamID []string
	var digest [][]byte
	for _, row := range r.rows {
		tenant, kind, digest = append(tenant, row.tenant), append(kind, row.kind), append(digest, row.digest)
		streamKind, streamID = append(streamKind, row.stream.Kind), append(streamID, row.stream.ID)
	}
	return []any{tenant, kind, digest, streamKind, streamID}
}

type keyRow struct {
	tenant string
	key    DataKey
}

type keyRows struct {
	rows []keyRow
}

func (r *keyRows) add(c *Change) {
	for _, key := range c.Keys {
		r.rows = append(r.rows, keyRow{c.Stream.Tenant, key})
	}
}

// args returns the arrays, sorted as those of claims are.
func (r *keyRows) args() []any {
	slices.SortFunc(r.rows, func(a, b keyRow) int {
		return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.key.Subject, b.key.Subject))
	})
	var tenant, subject []string
	var wrapped [][]byte
	for _, row := range r.rows {
		tenant, subject, wrapped = append(tenant, row.tenant), append(subject, row.key.Subject), append(wrapped, row.key.Wrapped)
	}
	return []any{tenant, subject, wrapped}
}

type eventRows struct {
	id                                uuidArray
	tenant, kind, stream, typ         []string
	version                           []int64
	revision                          []int16
	payload, personal, secret, client [][]byte
	subject, actor, correlation       []string
	cause                             uuidArray
}

func (r *eventRows) add(c *Change) {
	for i := range c.Events {
		e := &c.Events[i]
		r.id = append(r.id, e.ID)
		r.tenant, r.kind, r.stream = append(r.tenant, c.Stream.Tenant), append(r.kind, c.Stream.Kind), append(r.stream, c.Stream.ID)
		r.version = append(r.version, int64(c.Expected)+int64(i)+1)
		r.typ, r.revision = append(r.typ, e.Type), append(r.revision, e.Revision)
		r.payload = append(r.payload, notNil(e.Payload))
		r.personal, r.secret, r.subject = append(r.personal, e.Personal), append(r.secret, e.Secret), append(r.subject, e.Subject)
		r.actor, r.cause, r.correlation = append(r.actor, c.Metadata.Actor), append(r.cause, c.Metadata.Cause), append(r.correlation, c.Metadata.Correlate)
		r.client = append(r.client, c.Metadata.Client)
	}
}

func (r *eventRows) args(now time.Time) []any {
	return []any{
		r.id, r.tenant, r.kind, r.stream, r.version, r.typ, r.revision, r.payload, r.personal, r.secret, r.subject, r.actor,
		r.cause, r.correlation, r.client, now,
	}
}

// uuidArray spares pgx the detour over text that it takes for slices of uuid.UUID. The nil UUID becomes null.
type uuidArray []uuid.UUID

func (a uuidArray) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(a)), LowerBound: 1}}
}

func (a uuidArray) Index(i int) any {
	return pgtype.UUID{Bytes: a[i], Valid: a[i] != uuid.Nil}
}

func (a uuidArray) IndexType() any { return pgtype.UUID{} }

// notNil keeps an empty payload apart from an absent one: the column does not take null.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
