package eventstore

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// repairGroup writes a group in which some member cannot be written. The first round trip locks the streams and tells whose
// version is not the expected one; the second takes and releases the claims of the others; the third takes back what those
// reserved who are left without, and writes the rest.
//
// Claims come second because only the lock on its stream keeps a claim that is released and taken back from the other nodes:
// to them it is a new row, which a release of their own that has begun to wait for the old one would not see.
func (s *Store) repairGroup(ctx context.Context, group []*pending) error {
	return pgx.BeginFunc(ctx, s.own, func(tx pgx.Tx) error {
		r := repair{group: group, refused: make(map[StreamID]error, 1)}
		if err := r.reserveStreams(ctx, tx); err != nil {
			return err
		}
		if err := r.reserveClaims(ctx, tx); err != nil {
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

// kept yields the members that nothing speaks against so far.
func (r *repair) kept(yield func(*pending) bool) {
	for _, p := range r.group {
		if r.refused[p.change.Stream] == nil && !yield(p) {
			return
		}
	}
}

func (r *repair) reserveStreams(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlTakeAppendLock, appendLock)
	versions := r.queueStreams(batch)
	keys := r.queueKnownKeys(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for _, p := range r.group {
		c := &p.change
		known := slices.ContainsFunc(c.Keys, func(key DataKey) bool { return keys[subjectKey(c, key)] })
		if known || c.Expected == 0 && !r.created[c.Stream] || c.Expected > 0 && versions[c.Stream] != c.Expected {
			r.refused[c.Stream] = ErrConflict
		}
	}
	return nil
}

func (r *repair) reserveClaims(ctx context.Context, tx pgx.Tx) error {
	var given, wanted claimRows
	for p := range r.kept {
		given.add(&p.change, p.change.Releases)
		wanted.add(&p.change, p.change.Claims)
	}
	batch := &pgx.Batch{}
	r.released = queueClaimRows(batch, sqlTryReleases, given)
	r.taken = queueClaimRows(batch, sqlTryClaims, wanted)
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for p := range r.kept {
		for _, claim := range p.change.Claims {
			if !r.taken[keyOf(&p.change, claim)] {
				r.refused[p.change.Stream] = &ClaimTakenError{Kind: claim.Kind}
				break
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
	kept := slices.Collect(r.kept)
	for _, p := range kept {
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
	for _, p := range r.group {
		p.err = r.refused[p.change.Stream]
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
