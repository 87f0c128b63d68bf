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

// lease is what processes compete for: the right to relay.
type lease struct {
	pool   *pgxpool.Pool
	holder string
	ttl    time.Duration
}

// held is a lease in our hands. Its term grows with every change of hands; the checkpoint is written under the term, so a
// holder that was thought dead cannot write it any more.
type held struct {
	*lease
	term int64
}

// acquire takes the lease if it is free, has run out, or is ours: errLeaseLost otherwise.
func (l *lease) acquire(ctx context.Context) (*held, error) {
	h := &held{lease: l}
	err := l.pool.QueryRow(ctx, acquireLease, Checkpoint, l.holder, l.ttl).Scan(&h.term)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errLeaseLost
	}
	if err != nil {
		return nil, fmt.Errorf("notification: acquire lease: %w", err)
	}
	return h, nil
}

// keep renews the lease until ctx ends, or until it is lost; then it calls lost.
func (h *held) keep(ctx context.Context, lost func()) {
	renewed := time.Now()
	for pause(ctx, h.ttl/3) {
		err := h.renew(ctx)
		if err == nil {
			renewed = time.Now()
		}
		if errors.Is(err, errLeaseLost) || time.Since(renewed) > h.ttl {
			lost()
			return
		}
	}
}

func (h *held) renew(ctx context.Context) error {
	tag, err := h.pool.Exec(ctx, renewLease, Checkpoint, h.holder, h.term, h.ttl)
	if err == nil && tag.RowsAffected() == 0 {
		err = errLeaseLost
	}
	return err
}

// release lets the next process in at once.
func (h *held) release(ctx context.Context) error {
	_, err := h.pool.Exec(ctx, releaseLease, Checkpoint, h.holder, h.term)
	return err
}

// takeCheckpoint returns where the relay goes on, and locks out earlier terms. On the very first start that is before the
// first event: events without a living deliverable are passed over anyway.
func (h *held) takeCheckpoint(ctx context.Context) (eventstore.Position, error) {
	var pos eventstore.Position
	err := h.pool.QueryRow(ctx, takeCheckpoint, Checkpoint, h.term).Scan(&pos)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errLeaseLost
	}
	if err != nil {
		return 0, fmt.Errorf("notification: take checkpoint: %w", err)
	}
	return pos, nil
}

// saveCheckpoint moves the checkpoint under the lease's term.
func (h *held) saveCheckpoint(ctx context.Context, store *eventstore.Store, pos eventstore.Position) error {
	err := pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, saveCheckpoint, Checkpoint, h.term, pos)
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
