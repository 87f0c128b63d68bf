package notification

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
)

// Checkpoint names the relay's lease and checkpoint.
const Checkpoint = "notification"

// errLeaseLost says that another process holds the lease, or took it in between.
var errLeaseLost = errors.New("notification: lease is held by another process")

// lease is the right to relay. Its term grows with every change of hands; the checkpoint is written under the term, so a
// holder that was thought dead cannot write it any more.
type lease struct {
	pool   *pgxpool.Pool
	holder string
	ttl    time.Duration
	term   int64
}

// acquire takes the lease if it is free or ours: errLeaseLost otherwise.
func (l *lease) acquire(ctx context.Context) error {
	err := l.pool.QueryRow(ctx, acquireLease, Checkpoint, l.holder, l.ttl).Scan(&l.term)
	if errors.Is(err, pgx.ErrNoRows) {
		return errLeaseLost
	}
	if err != nil {
		return fmt.Errorf("notification: acquire lease: %w", err)
	}
	return nil
}

// keep renews the lease until ctx ends, or until it is lost; then it calls lost.
func (l *lease) keep(ctx context.Context, lost func()) {
	renewed := time.Now()
	for pause(ctx, l.ttl/3) {
		before := l.term
		err := l.acquire(ctx)
		switch {
		case err == nil && l.term == before:
			renewed = time.Now()
		case err == nil, errors.Is(err, errLeaseLost), time.Since(renewed) > l.ttl:
			lost()
			return
		}
	}
}

// release lets the next process in at once.
func (l *lease) release(ctx context.Context) error {
	_, err := l.pool.Exec(ctx, releaseLease, Checkpoint, l.holder)
	return err
}

// takeCheckpoint returns where the relay goes on, and locks out earlier terms. On the very first start that is before the
// first event: events without a living deliverable are passed over anyway.
func (l *lease) takeCheckpoint(ctx context.Context) (eventstore.Position, error) {
	var pos eventstore.Position
	err := l.pool.QueryRow(ctx, takeCheckpoint, Checkpoint, l.term).Scan(&pos)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errLeaseLost
	}
	if err != nil {
		return 0, fmt.Errorf("notification: take checkpoint: %w", err)
	}
	return pos, nil
}

// saveCheckpoint moves the checkpoint under the lease's term.
func (l *lease) saveCheckpoint(ctx context.Context, store *eventstore.Store, pos eventstore.Position) error {
	err := pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, saveCheckpoint, Checkpoint, l.term, pos)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errLeaseLost
		}
		return store.Announce(ctx, tx, Checkpoint, pos)
	})
	if err != nil {
		return fmt.Errorf("notification: save checkpoint: %w", err)
	}
	store.Reached(Checkpoint, pos)
	return nil
}
