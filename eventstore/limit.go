package eventstore

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Limit counts attempts of somebody who is known by a keyed digest. So many are free; after that each has to wait, at first for
// Delay, then twice as long each time, up to Most. Without an attempt for the time Forget the count begins anew; it is kept at
// least as long as the longest delay.
type Limit struct {
	Name   string
	Digest []byte
	Free   int
	Delay  time.Duration
	Most   time.Duration
	Forget time.Duration
	// Shared says that the attempts are those of many: to forgive one gives it back, and leaves those of the others.
	Shared bool
}

// Taken is what became of an attempt.
type Taken struct {
	// Used says for each limit, in the order they were given, how many attempts were counted with this one. It is empty when the
	// attempt came too soon: then nothing was counted.
	Used []int
	// Wait is how long it is until an attempt that came too soon would be in time.
	Wait time.Duration
}

// Take counts one attempt under several limits of a tenant, in one statement and under row locks: all of them, or none when one of
// them has to wait. A limit that is named twice counts once. Counters are rows, as those of Spend are.
func (s *Store) Take(ctx context.Context, tenant string, limits ...Limit) (Taken, error) {
	if len(limits) == 0 {
		return Taken{}, nil
	}
	now := s.opts.Now().Truncate(time.Microsecond)
	rows, order := newLimitRows(limits)
	var used []int32
	var until *time.Time
	_, err := s.queryOne(ctx, sqlTake, []any{
		tenant, rows.name, rows.digest, rows.free, rows.delay, rows.most, rows.forget, now,
	}, &used, &until)
	if err != nil {
		return Taken{}, fmt.Errorf("eventstore: take attempt: %w", err)
	}
	if until != nil {
		return Taken{Wait: until.Sub(now)}, nil
	}
	taken := Taken{Used: make([]int, len(limits))}
	for i, row := range order {
		taken.Used[i] = int(used[row])
	}
	return taken, nil
}

// Forgive lets the counts of limits begin anew, or gives one attempt back where a limit is shared: one of those that are free. Once
// the limit is crossed nothing is given back until it is forgotten.
func (s *Store) Forgive(ctx context.Context, tenant string, limits ...Limit) error {
	rows, _ := newLimitRows(limits)
	var each pgx.Batch // in the order in which Take locks
	for i := range rows.name {
		if rows.shared[i] {
			each.Queue(sqlReturn, tenant, rows.name[i], rows.digest[i], rows.free[i])
		} else {
			each.Queue(sqlForgive, tenant, rows.name[i], rows.digest[i])
		}
	}
	if err := s.pool.SendBatch(ctx, &each).Close(); err != nil {
		return fmt.Errorf("eventstore: forgive attempts: %w", Unavailable(err))
	}
	return nil
}

// limitRows are the arrays of a statement on limits, sorted: every statement locks in the same order.
type limitRows struct {
	name                []string
	digest              [][]byte
	free                []int32
	shared              []bool
	delay, most, forget []int64 // microseconds
}

// newLimitRows returns the rows, and for each limit its place among them.
func newLimitRows(limits []Limit) (rows limitRows, order []int) {
	sorted := slices.Clone(limits)
	slices.SortFunc(sorted, Limit.compare)
	sorted = slices.CompactFunc(sorted, func(a, b Limit) bool { return a.compare(b) == 0 })
	for _, l := range sorted {
		rows.name, rows.digest = append(rows.name, l.Name), append(rows.digest, l.Digest)
		rows.free, rows.shared = append(rows.free, int32(l.Free)), append(rows.shared, l.Shared)
		rows.delay, rows.most = append(rows.delay, l.Delay.Microseconds()), append(rows.most, l.Most.Microseconds())
		rows.forget = append(rows.forget, max(l.Forget, l.Most).Microseconds())
	}
	order = make([]int, len(limits))
	for i, l := range limits {
		order[i], _ = slices.BinarySearchFunc(sorted, l, Limit.compare)
	}
	return rows, order
}

func (l Limit) compare(other Limit) int {
	return cmp.Or(bytes.Compare(l.Digest, other.Digest), cmp.Compare(l.Name, other.Name))
}
