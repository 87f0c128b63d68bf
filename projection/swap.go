package projection

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

// catchUp takes in what was appended meanwhile, until what is left is short enough for the swap.
func (b *rebuilding) catchUp(ctx context.Context) error {
	for range catchUpRounds {
		upTo := b.log.Store.HighWater()
		short := upTo-b.progress.Position <= shortStretch
		if err := b.each(ctx, upTo, func(s stretch) error { return b.write(ctx, s) }); err != nil {
			return err
		}
		if short {
			return nil
		}
	}
	return nil
}

// swap makes the new generation live. It takes the checkpoint's row, which stops the runner for that long, brings the
// new tables to at least the same position, and changes all that names the generation in one transaction.
func (b *rebuilding) swap(ctx context.Context) error {
	for try := 1; ; try++ {
		before, apply := b.progress, b.apply.clone()
		err := b.trySwap(ctx)
		if err == nil {
			b.log.Store.Reached(b.model.Name(), b.progress.Position)
			return nil
		}
		if sqlState(err) != stateLockTimeout || try == swapTries {
			return err
		}
		// A long reader holds a view. Let the runner go on, and try again.
		b.progress, b.apply = before, apply
		if err := b.catchUp(ctx); err != nil {
			return err
		}
	}
}

func (b *rebuilding) trySwap(ctx context.Context) error {
	name, generation := b.model.Name(), b.apply.generation
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		// This commit must be on disk before the old tables are dropped.
		if _, err := tx.Exec(ctx, "set local synchronous_commit = on; set local lock_timeout = '"+swapPatience+"'"); err != nil {
			return err
		}
		var livePosition eventstore.Position
		if err := tx.QueryRow(ctx, sqlLockCheckpoint, name).Scan(&livePosition); err != nil {
			return fmt.Errorf("lock checkpoint: %w", err)
		}
		if err := b.lastStretch(ctx, tx, livePosition); err != nil {
			return fmt.Errorf("last stretch: %w", err)
		}
		if err := b.apply.replaceParked(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSwapCheckpoint, name, generation, b.progress.Position); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSwapModel, name, b.model.Revision(), generation); err != nil {
			return err
		}
		if err := b.log.Store.Announce(ctx, tx, name, b.progress.Position); err != nil {
			return err
		}
		return publish(ctx, tx, b.model.Schema(generation))
	})
}

// lastStretch applies, inside the swap, what the live tables have and the new ones lack.
func (b *rebuilding) lastStretch(ctx context.Context, tx pgx.Tx, upTo eventstore.Position) error {
	if b.progress.Position >= upTo {
		return nil
	}
	// The runner went up to its own process's high water; this process may know of it a moment later.
	if _, err := b.log.Store.AwaitHighWater(ctx, upTo-1); err != nil {
		return err
	}
	return b.each(ctx, upTo, func(s stretch) error { return b.apply.applyHalving(ctx, tx, s.events) })
}
