package projection

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

// moves lets the models of a process that have nothing to write move their checkpoints together: most events are news to one model
// only, and a transaction each would cost more than the rows of that one.
type moves struct {
	mu      sync.Mutex
	waiting []*move
}

// move is one checkpoint's way across a stretch.
type move struct {
	name       string
	generation int
	term       int64
	from, upTo eventstore.Position

	done  chan struct{}
	moved bool
}

// advance moves a checkpoint, on conn those of others too. It reports false when that did not happen, for whatever reason: then the
// follower has to find out on its own.
func (m *moves) advance(ctx context.Context, conn *pgx.Conn, mine *move) bool {
	mine.done = make(chan struct{})
	if !m.join(mine) {
		select {
		case <-mine.done:
			return mine.moved
		case <-ctx.Done():
			return false
		}
	}
	runtime.Gosched() // those woken by the same event join
	all := m.take()
	defer func() {
		for _, each := range all {
			close(each.done)
		}
	}()
	_ = write(ctx, conn, all) // what did not move tells
	return mine.moved
}

// join reports whether the move is the first of those that wait: then the caller makes them all.
func (m *moves) join(mine *move) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = append(m.waiting, mine)
	return len(m.waiting) == 1
}

func (m *moves) take() []*move {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.waiting
	m.waiting = nil
	return all
}

// write moves checkpoints, and announces it, in one statement. One whose row is held by a swap is left to its follower, so that the
// others do not wait for it.
func write(ctx context.Context, conn *pgx.Conn, all []*move) error {
	names := make([]string, len(all))
	generations, terms := make([]int, len(all)), make([]int64, len(all))
	from, upTo := make([]eventstore.Position, len(all)), make([]eventstore.Position, len(all))
	for i, each := range all {
		names[i], generations[i], terms[i], from[i], upTo[i] = each.name, each.generation, each.term, each.from, each.upTo
	}
	rows, err := conn.Query(ctx, sqlMoveCheckpoints, names, generations, terms, from, upTo)
	if err != nil {
		return err
	}
	moved, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, each := range all {
		each.moved = slices.Contains(moved, each.name)
	}
	return nil
}
