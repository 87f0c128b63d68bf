package eventstore

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// repairGroup writes a group in which some member cannot be written. The first round trip reserves what it can and tells
// who is left without; the second takes back those members' reservations and writes the others.
func (s *Store) repairGroup(ctx context.Context, group []*pending) error {
	return pgx.BeginFunc(ctx, s.own, func(tx pgx.Tx) error {
		r := repair{group: group, refused: make(map[StreamID]error, 1)}
		if err := r.reserve(ctx, tx); err != nil {
			return err
		}
		return r.write(ctx, tx, s.opts.Now().Truncate(time.Microsecond))
	})
}

type repair struct {
	group   []*pending
	refused map[StreamID]error

	created  map[StreamID]bool
	released map[claimKey]bool
	taken    map[claimKey]bool
}

func (r *repair) refuse(id StreamID, err error) {
	if r.refused[id] == nil {
		r.refused[id] = err
	}
}

func (r *repair) reserve(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlTakeAppendLock, appendLock)
	versions := r.queueStreams(batch)
	r.queueReleases(batch)
	r.queueClaims(batch)
	keys := r.queueKnownKeys(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for _, p := range r.group {
		c := &p.change
		if c.Expected == 0 && !r.created[c.Stream] || c.Expected > 0 && versions[c.Stream] != c.Expected {
			r.refuse(c.Stream, ErrConflict)
		}
		for _, key := range c.Keys {
			if keys[subjectKey(c, key)] {
				r.refuse(c.Stream, ErrConflict)
			}
		}
		for _, claim := range c.Claims {
			if !r.taken[keyOf(c, claim)] {
				r.refuse(c.Stream, &ClaimTakenError{Kind: claim.Kind})
			}
		}
	}
	return nil
}

// queueStreams returns the versions of the existing streams, which stay locked. It creates first, as a group does that needs
// no repair.
func (r *repair) queueStreams(batch *pgx.Batch) map[StreamID]uint64 {
	var old, fresh streamRows
	for _, p := range r.group {
		if p.change.Expected == 0 {
			fresh.add(&p.change)
		} else {
			old.add(&p.change)
		}
	}
	r.created = make(map[StreamID]bool, len(fresh.id))
	if len(fresh.id) > 0 {
		batch.Queue(sqlTryCreateStreams, fresh.tenant, fresh.kind, fresh.id, fresh.owner, fresh.next).Query(func(rows pgx.Rows) error {
			var id StreamID
			_, err := pgx.ForEachRow(rows, []any{&id.Tenant, &id.Kind, &id.ID}, func() error {
				r.created[id] = true
				return nil
			})
			return err
		})
	}
	versions := make(map[StreamID]uint64, len(old.id))
	if len(old.id) > 0 {
		batch.Queue(sqlLockStreams, old.tenant, old.kind, old.id).Query(func(rows pgx.Rows) error {
			var id StreamID
			var version int64
			_, err := pgx.ForEachRow(rows, []any{&id.Tenant, &id.Kind, &id.ID, &version}, func() error {
				versions[id] = uint64(version)
				return nil
			})
			return err
		})
	}
	return versions
}

func (r *repair) queueReleases(batch *pgx.Batch) {
	var given claimRows
	for _, p := range r.group {
		given.add(&p.change, p.change.Releases)
	}
	r.released = queueClaimRows(batch, sqlTryReleases, given)
}

func (r *repair) queueClaims(batch *pgx.Batch) {
	var wanted claimRows
	for _, p := range r.group {
		wanted.add(&p.change, p.change.Claims)
	}
	r.taken = queueClaimRows(batch, sqlTryClaims, wanted)
}

// queueClaimRows returns which claims the statement will have found to be takeable or releasable.
func queueClaimRows(batch *pgx.Batch, sql string, claims claimRows) map[claimKey]bool {
	touched := make(map[claimKey]bool, len(claims.rows))
	if len(claims.rows) == 0 {
		return touched
	}
	batch.Queue(sql, claims.args()...).Query(func(rows pgx.Rows) error {
		var key claimKey
		var digest []byte
		_, err := pgx.ForEachRow(rows, []any{&key.tenant, &key.kind, &digest}, func() error {
			key.digest = string(digest)
			touched[key] = true
			return nil
		})
		return err
	})
	return touched
}

// queueKnownKeys returns which of the group's new data keys exist already.
func (r *repair) queueKnownKeys(batch *pgx.Batch) map[claimKey]bool {
	var tenants, subjects []string
	for _, p := range r.group {
		for _, key := range p.change.Keys {
			tenants, subjects = append(tenants, p.change.Stream.Tenant), append(subjects, key.Subject)
		}
	}
	known := make(map[claimKey]bool)
	if len(subjects) > 0 {
		batch.Queue(sqlTryKeys, tenants, subjects).Query(func(rows pgx.Rows) error {
			var key claimKey
			_, err := pgx.ForEachRow(rows, []any{&key.tenant, &key.digest}, func() error {
				known[key] = true
				return nil
			})
			return err
		})
	}
	return known
}

func (r *repair) write(ctx context.Context, tx pgx.Tx, now time.Time) error {
	batch := &pgx.Batch{}
	var advance streamRows
	var kept []*pending
	for _, p := range r.group {
		p.err = r.refused[p.change.Stream]
		if p.err != nil {
			continue
		}
		kept = append(kept, p)
		if p.change.Expected > 0 {
			advance.add(&p.change)
		}
	}
	r.queueUndo(batch)
	if len(advance.id) > 0 {
		batch.Queue(sqlAdvanceStreams, advance.tenant, advance.kind, advance.id, advance.expected, advance.next, appendLock)
	}
	var positions *[]Position
	if len(kept) > 0 {
		queueKeys(batch, kept)
		positions = queueEvents(batch, kept, now)
		queueDeliverables(batch, kept, now)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if len(kept) > 0 {
		receive(kept, *positions, now)
	}
	return nil
}

// queueUndo takes back what the refused members reserved: streams created, claims taken, claims released.
func (r *repair) queueUndo(batch *pgx.Batch) {
	var streams streamRows
	var taken, released claimRows
	for _, p := range r.group {
		c := &p.change
		if r.refused[c.Stream] == nil {
			continue
		}
		if r.created[c.Stream] {
			streams.add(c)
		}
		taken.add(c, touchedOf(c, c.Claims, r.taken))
		released.add(c, touchedOf(c, c.Releases, r.released))
	}
	if len(streams.id) > 0 {
		batch.Queue(sqlDropStreams, streams.tenant, streams.kind, streams.id)
	}
	if len(taken.rows) > 0 {
		batch.Queue(sqlReleaseClaims, taken.args()...)
	}
	if len(released.rows) > 0 {
		batch.Queue(sqlTakeClaims, released.args()...)
	}
}

func touchedOf(c *Change, claims []Claim, touched map[claimKey]bool) []Claim {
	return slices.DeleteFunc(slices.Clone(claims), func(claim Claim) bool { return !touched[keyOf(c, claim)] })
}
