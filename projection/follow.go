package projection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signet-iam/signet/eventstore"
)

// idleCheck is how often a follower with nothing to do looks at its checkpoint. It is well below the patience of strong
// reads.
const idleCheck = 200 * time.Millisecond

// follower applies the log to the live generation under a lease.
type follower struct {
	runner *Runner
	conn   *pgx.Conn
	lease  *lease
	apply  *applier

	position eventstore.Position
	last     time.Time // when the last batch began
	halving  bool      // the last batch was refused: find the row
}

func (r *Runner) follow(ctx context.Context, conn *pgx.Conn, m Model, held *lease) error {
	f := &follower{runner: r, conn: conn, lease: held}
	if err := f.enter(ctx, m); err != nil {
		if errors.Is(err, errMoved) {
			return nil
		}
		return err
	}
	for {
		switch err := f.next(ctx); {
		case errors.Is(err, errMoved):
			return nil // another generation or another holder: begin anew
		case refusesRow(err) && !f.halving:
			f.halving = true
			if err := f.apply.loadParked(ctx, conn); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
}

// next waits for more log and applies a stretch of it.
func (f *follower) next(ctx context.Context) error {
	more, err := f.await(ctx)
	if err != nil || !more {
		return err
	}
	// Under load the log grows meanwhile, and the batch with it; after a quiet moment there is nothing to wait for.
	if wait := f.runner.opts.Pace - time.Since(f.last); wait > 0 && !pause(ctx, wait) {
		return ctx.Err()
	}
	f.last = time.Now()
	s, err := f.runner.feed.next(ctx, f.position)
	if err != nil {
		return err
	}
	if err := f.step(ctx, s); err != nil {
		return err
	}
	f.halving = false
	return nil
}

// enter marks the checkpoint with this holder's term, which fences every earlier holder, and learns where to go on.
func (f *follower) enter(ctx context.Context, m Model) error {
	var generation int
	err := f.conn.QueryRow(ctx, sqlTakeCheckpoint, m.Name(), f.lease.term, m.Revision()).Scan(&generation, &f.position)
	if errors.Is(err, pgx.ErrNoRows) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("take checkpoint: %w", err)
	}
	f.runner.feed.forget()
	f.apply = newApplier(f.runner.log, m, generation)
	return f.apply.loadParked(ctx, f.conn)
}

// await waits for more log. When none comes for a while it makes sure that the checkpoint is where this follower left it:
// after a crash of Postgres the newest batches may be gone, and nothing but that would tell.
func (f *follower) await(ctx context.Context) (more bool, err error) {
	idle, cancel := context.WithTimeout(ctx, idleCheck)
	defer cancel()
	if _, err := f.runner.log.Store.AwaitHighWater(idle, f.position); err == nil || ctx.Err() != nil {
		return err == nil, err
	}
	current, err := loadLive(ctx, f.conn, f.apply.model.Name())
	if err != nil {
		return false, err
	}
	if current.generation != f.apply.generation || current.term != f.lease.term || current.position != int64(f.position) {
		return false, errMoved
	}
	return false, nil
}

// step applies one stretch and moves the checkpoint to its end, all or nothing. Rows are read before the fence: whoever
// else might change them moves the checkpoint, and then nothing is written here. So one round trip writes it all, and the
// checkpoint's row is not held while events are decoded.
func (f *follower) step(ctx context.Context, s stretch) error {
	if f.halving {
		return f.stepHalving(ctx, s)
	}
	fold := f.apply.model.Open(f.apply.generation)
	if err := f.apply.take(ctx, f.conn, fold, s.events); err != nil {
		return fmt.Errorf("take (%d, %d]: %w", s.after, s.upTo, err)
	}
	batch := &pgx.Batch{} // sent as one implicit transaction
	tx := queue{batch: batch}
	if err := f.fence(ctx, tx, s); err != nil {
		return err
	}
	fold.Queue(batch)
	if err := f.apply.writeParked(ctx, tx); err != nil {
		return err
	}
	if batch.Len() > 1 || !f.runner.moves.advance(ctx, f.conn, f.move(s)) {
		if err := f.conn.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("write (%d, %d]: %w", s.after, s.upTo, moved(err))
		}
	}
	f.tell(s)
	return nil
}

// move is what a stretch without news comes to.
func (f *follower) move(s stretch) *move {
	return &move{name: f.apply.model.Name(), generation: f.apply.generation, term: f.lease.term, from: f.position, upTo: s.upTo}
}

// stepHalving is step for a stretch in which Postgres refused a row.
func (f *follower) stepHalving(ctx context.Context, s stretch) error {
	err := pgx.BeginFunc(ctx, f.conn, func(tx pgx.Tx) error {
		if err := f.fence(ctx, tx, s); err != nil {
			return err
		}
		if err := f.apply.applyHalving(ctx, tx, s.events); err != nil {
			return err
		}
		return f.apply.writeParked(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("write (%d, %d] by halves: %w", s.after, s.upTo, moved(err))
	}
	f.tell(s)
	return nil
}

// fence moves the checkpoint and announces it, or ends the transaction when it is not where this holder left it.
func (f *follower) fence(ctx context.Context, tx pgx.Tx, s stretch) error {
	_, err := tx.Exec(ctx, sqlMoveCheckpoint, f.apply.model.Name(), f.apply.generation, f.lease.term, f.position, s.upTo)
	return err
}

// queue is a transaction that will be: Exec queues, and the batch is one transaction once it is sent. It does nothing else.
type queue struct {
	pgx.Tx
	batch *pgx.Batch
}

func (q queue) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	q.batch.Queue(sql, args...)
	return pgconn.CommandTag{}, nil
}

// tell wakes those who wait for the checkpoint, and reports what the batch parked.
func (f *follower) tell(s stretch) {
	f.position = s.upTo
	f.runner.log.Store.Reached(f.apply.model.Name(), s.upTo)
	for stream := range f.apply.changed {
		if p, waits := f.apply.parked[stream]; waits {
			f.runner.opts.Logger.Error().Str("projection", f.apply.model.Name()).Str("stream", stream.ID).
				Int64("position", int64(p.position)).Str("reason", p.reason).Msg("stream parked")
		}
	}
	clear(f.apply.changed)
}
