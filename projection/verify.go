package projection

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

// Difference is a row that is not what the log says.
type Difference struct {
	Key  string // as the model names it in its digest, e.g. "user/default/1234"
	Kind DifferenceKind
}

// DifferenceKind says in which way a row differs.
type DifferenceKind string

// The ways in which the live tables can differ from the log.
const (
	Missing    DifferenceKind = "missing"    // the log has it, the live tables lack it
	Unexpected DifferenceKind = "unexpected" // the live tables have it, the log does not
	Changed    DifferenceKind = "changed"
)

// Verification is the outcome of Verify.
type Verification struct {
	Position    eventstore.Position // as of which rows were compared
	Rows        int64               // compared
	Differing   int64
	Differences []Difference // the first maxDifferences of them, by key
}

const maxDifferences = 1000

// Verify builds the model once more from the log, up to the live checkpoint, and compares each row's digest with the
// live one. The live tables are seen in one snapshot, so that the runner may go on meanwhile. ErrBusy, ErrUnknownModel,
// ErrNotMigrated.
func (o *Operator) Verify(ctx context.Context, name string, progress func(Progress)) (Verification, error) {
	var found Verification
	err := o.build(ctx, name, progress, func(ctx context.Context, b *rebuilding) error {
		snapshot, err := o.log.Pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return err
		}
		defer func() { _ = snapshot.Rollback(context.WithoutCancel(ctx)) }()
		current, err := loadLive(ctx, snapshot, name)
		if err != nil {
			return err
		}
		if current.revision != b.model.Revision() {
			return fmt.Errorf("live tables are of revision %d, this program makes %d", current.revision, b.model.Revision())
		}
		found.Position = eventstore.Position(current.position)
		if _, err := o.log.Store.AwaitHighWater(ctx, found.Position-1); err != nil {
			return err
		}
		b.report(Filling)
		if err := b.fill(ctx, found.Position); err != nil {
			return err
		}
		b.report(Comparing)
		if err := b.compare(ctx, snapshot, current.generation, &found); err != nil {
			return err
		}
		b.report(Done)
		return nil
	})
	if err != nil {
		return Verification{}, fmt.Errorf("projection: verify %s: %w", name, err)
	}
	return found, nil
}

// compare walks the digests of both generations, which come in the order of their keys.
func (b *rebuilding) compare(ctx context.Context, snapshot pgx.Tx, liveGeneration int, found *Verification) error {
	actual, err := openDigests(ctx, snapshot, b.model.Schema(liveGeneration).Digest)
	if err != nil {
		return err
	}
	defer actual.rows.Close()
	expected, err := openDigests(ctx, b.conn, b.model.Schema(b.apply.generation).Digest)
	if err != nil {
		return err
	}
	defer expected.rows.Close()
	for actual.more || expected.more {
		found.Rows++
		switch {
		case !actual.more || expected.more && expected.key < actual.key:
			found.note(expected.key, Missing)
			expected.next()
		case !expected.more || actual.key < expected.key:
			found.note(actual.key, Unexpected)
			actual.next()
		default:
			if actual.digest != expected.digest {
				found.note(actual.key, Changed)
			}
			actual.next()
			expected.next()
		}
	}
	if actual.err != nil {
		return actual.err
	}
	return expected.err
}

func (v *Verification) note(key string, kind DifferenceKind) {
	v.Differing++
	if len(v.Differences) < maxDifferences {
		v.Differences = append(v.Differences, Difference{Key: key, Kind: kind})
	}
}

// digests is a cursor over the digests of a generation.
type digests struct {
	rows   pgx.Rows
	key    string
	digest int64
	more   bool
	err    error
}

func openDigests(ctx context.Context, q Querier, query string) (*digests, error) {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	d := &digests{rows: rows}
	d.next()
	return d, nil
}

func (d *digests) next() {
	if d.more = d.rows.Next(); d.more {
		d.err = d.rows.Scan(&d.key, &d.digest)
		d.more = d.err == nil
		return
	}
	if d.err == nil {
		d.err = d.rows.Err()
	}
}
