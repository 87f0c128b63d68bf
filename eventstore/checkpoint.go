package eventstore

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// A waiter looks into the database, in case the notification it waits for was lost: soon at first, then less and less often.
const (
	checkpointPoll     = 20 * time.Millisecond
	checkpointPollLast = 500 * time.Millisecond
)

// checkpoints knows how far every named reader of the log has come, as far as this process was told.
type checkpoints struct {
	mu      sync.Mutex
	reached map[string]Position
	moved   map[string]chan struct{} // closed and replaced whenever the checkpoint moves
}

func (c *checkpoints) init() {
	c.reached = make(map[string]Position)
	c.moved = make(map[string]chan struct{})
}

func (c *checkpoints) reach(name string, pos Position) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if pos <= c.reached[name] {
		return
	}
	c.reached[name] = pos
	if moved, ok := c.moved[name]; ok {
		close(moved)
		delete(c.moved, name)
	}
}

func (c *checkpoints) watch(name string) (Position, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	moved, ok := c.moved[name]
	if !ok {
		moved = make(chan struct{})
		c.moved[name] = moved
	}
	return c.reached[name], moved
}

// AnnounceSQL is a call that does in a statement what Announce does, for a row with the columns name and position.
const AnnounceSQL = `pg_notify('` + channelCheckpoint + `', position || ' ' || name)`

// Announce tells every process, when tx commits, that a checkpoint has reached pos.
func (s *Store) Announce(ctx context.Context, tx pgx.Tx, checkpoint string, pos Position) error {
	_, err := tx.Exec(ctx, sqlAnnounce, strconv.FormatInt(int64(pos), 10)+" "+checkpoint)
	return Unavailable(err)
}

// Reached wakes this process's waiters at once, after the commit of the transaction that announced.
func (s *Store) Reached(checkpoint string, pos Position) { s.checkpoints.reach(checkpoint, pos) }

// Await blocks until a checkpoint has reached pos. When ctx ends first the error wraps ErrUnavailable.
func (s *Store) Await(ctx context.Context, checkpoint string, pos Position) error {
	if pos > s.HighWater() {
		calm := s.water.rush()
		defer calm()
	}
	pause := checkpointPoll
	poll := time.NewTimer(pause)
	defer poll.Stop()
	for {
		reached, moved := s.checkpoints.watch(checkpoint)
		if reached >= pos {
			return nil
		}
		select {
		case <-moved:
		case <-poll.C:
			if err := s.pollCheckpoint(ctx, checkpoint); err != nil {
				return err
			}
			pause = min(2*pause, checkpointPollLast)
			poll.Reset(pause)
		case <-s.closing:
			return fmt.Errorf("%w: the store is closed", ErrUnavailable)
		case <-ctx.Done():
			return fmt.Errorf("%w: %s is at %d, behind %d: %w", ErrUnavailable, checkpoint, reached, pos, ctx.Err())
		}
	}
}

func (s *Store) pollCheckpoint(ctx context.Context, checkpoint string) error {
	var at Position
	found, err := s.queryOne(ctx, sqlCheckpoint, []any{checkpoint}, &at)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("eventstore: checkpoint %s: %w", checkpoint, err)
	}
	if found {
		s.checkpoints.reach(checkpoint, at)
	}
	return nil
}
