package eventstore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// waterPace is the least time between two looks at the database while appends go on and nobody waits for them: each
	// look costs Postgres a walk over its lock table.
	waterPace = 10 * time.Millisecond
	// waterRush is the same while somebody waits.
	waterRush = time.Millisecond
	// waterPoll is the net under a lost notification.
	waterPoll = 100 * time.Millisecond
	// waterRetry is the pause after a failed look, waterTimeout how long a look may take.
	waterRetry   = 50 * time.Millisecond
	waterTimeout = 5 * time.Second
)

// watermark publishes how far the log is complete.
type watermark struct {
	mu     sync.Mutex
	safe   Position
	raised chan struct{} // closed and replaced whenever safe grows
	kick   chan struct{} // something was committed
	hurry  chan struct{} // somebody began to wait for what was committed

	waiting atomic.Int32 // for more than is safe

	node  string      // this process, among those that listen
	fresh atomic.Bool // committed here, and not yet told to the other processes

	// what the last look saw and could not call safe yet
	candidate Position
	holders   []string
}

func (w *watermark) init() {
	w.raised = make(chan struct{})
	w.kick = make(chan struct{}, 1)
	w.hurry = make(chan struct{}, 1)
	w.node = uuid.NewString()
}

// committed notes that this process has appended.
func (w *watermark) committed() {
	w.fresh.Store(true)
	w.wake()
}

// wake makes the high-water goroutine look when its pace allows.
func (w *watermark) wake() { signal(w.kick) }

// rush makes it look at once, and often until the returned function is called.
func (w *watermark) rush() (calm func()) {
	w.waiting.Add(1)
	signal(w.kick)
	signal(w.hurry)
	return func() { w.waiting.Add(-1) }
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *watermark) raise(to Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if to > w.safe {
		w.safe = to
		close(w.raised)
		w.raised = make(chan struct{})
	}
}

// HighWater returns the position up to which this process knows the log to be complete.
func (s *Store) HighWater() Position {
	s.water.mu.Lock()
	defer s.water.mu.Unlock()
	return s.water.safe
}

// AwaitHighWater blocks until HighWater is above after, and returns it.
func (s *Store) AwaitHighWater(ctx context.Context, after Position) (Position, error) {
	for {
		s.water.mu.Lock()
		safe, raised := s.water.safe, s.water.raised
		s.water.mu.Unlock()
		if safe > after {
			return safe, nil
		}
		select {
		case <-raised:
		case <-s.closing:
			return safe, fmt.Errorf("%w: the store is closed", ErrUnavailable)
		case <-ctx.Done():
			return safe, ctx.Err()
		}
	}
}

func (s *Store) waterLoop(ctx context.Context) {
	poll := time.NewTicker(waterPoll)
	defer poll.Stop()
	for {
		select {
		case <-s.water.kick:
		case <-poll.C:
		case <-ctx.Done():
			return
		}
		pause, hurry := waterPace, s.water.hurry
		err := s.raiseWater(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.opts.Logger.Warn().Err(err).Msg("high water: the database does not answer")
			pause, hurry = waterRetry, nil
		case len(s.water.holders) > 0:
			s.water.wake() // somebody was in the middle of an append: look again
		}
		if err == nil && s.water.waiting.Load() > 0 {
			pause = waterRush
		}
		select {
		case <-time.After(pause):
		case <-hurry:
		case <-ctx.Done():
			return
		}
	}
}

// raiseWater looks at the database once. A committed position is safe when everybody who held the append lock right after
// it was read has let go: who had taken a lower one held the lock already.
//
// The sequence's own value would be safe a moment earlier, but not for good: a crash of Postgres takes back what no commit
// has made durable, and the sequence would hand out anew what readers had passed.
func (s *Store) raiseWater(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, waterTimeout)
	defer cancel()
	last, holders, err := s.lookAtAppends(ctx)
	if err != nil {
		return err
	}
	w := &s.water
	if !slices.ContainsFunc(w.holders, func(h string) bool { return slices.Contains(holders, h) }) {
		w.raise(w.candidate)
		w.candidate, w.holders = last, holders
	}
	if len(w.holders) == 0 {
		w.raise(w.candidate)
	}
	return nil
}

func (s *Store) lookAtAppends(ctx context.Context) (last Position, holders []string, err error) {
	batch := &pgx.Batch{}
	// A NOTIFY inside an append would make all appends of the cluster commit one after the other. Here it costs them
	// nothing, and one notification serves for all that was committed since the last.
	tell := s.water.fresh.Swap(false)
	if tell {
		batch.Queue(sqlNotifyLog, s.water.node)
	}
	batch.Queue(sqlHead).QueryRow(func(row pgx.Row) error { return row.Scan(&last) })
	batch.Queue(sqlAppendLockHolders, appendLock).Query(func(rows pgx.Rows) error {
		holders, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err := s.own.SendBatch(ctx, batch).Close(); err != nil {
		if tell {
			s.water.fresh.Store(true)
		}
		return 0, nil, Unavailable(err)
	}
	return last, holders, nil
}
