package eventstore

import (
	"context"
	"fmt"
	"time"
)

// Attempt names a budget of guesses at one secret.
type Attempt struct {
	Stream StreamID
	Secret string // which secret: the id of the event that announced a code, or "password"
}

// Spend takes one guess from a budget of limit guesses per window, before the guess is compared, and returns how many are
// spent with this one. It fails with ErrBudgetSpent when none is left. A window of 0 never refills. Counters are rows, not
// events: they are lost to nobody's history and cost no replay. They are swept a week after the window began: no window is longer,
// and a secret whose budget never refills has to end by itself before.
func (s *Store) Spend(ctx context.Context, a Attempt, limit int, window time.Duration) (int, error) {
	if limit < 1 {
		return 0, ErrBudgetSpent
	}
	var used int
	found, err := s.queryOne(ctx, sqlSpend, []any{
		a.Stream.Tenant, a.Stream.Kind, a.Stream.ID, a.Secret, limit, window.Microseconds(), s.opts.Now(),
	}, &used)
	if err != nil {
		return 0, fmt.Errorf("eventstore: spend attempt: %w", err)
	}
	if !found {
		return limit, ErrBudgetSpent
	}
	return used, nil
}

// Advance moves a counter up to step, which is at least 1, and reports whether it was below. Of many who advance it to the same
// step at once, one is told so: it is how a one-time code is accepted once, and no code older than it after that. A counter that
// nobody moved for a week is swept, so a step has to be too old to be accepted by then.
func (s *Store) Advance(ctx context.Context, a Attempt, step int32) (bool, error) {
	var reached int32
	moved, err := s.queryOne(ctx, sqlAdvance, []any{
		a.Stream.Tenant, a.Stream.Kind, a.Stream.ID, a.Secret, step, s.opts.Now(),
	}, &reached)
	if err != nil {
		return false, fmt.Errorf("eventstore: advance counter: %w", err)
	}
	return moved, nil
}

// Refund forgets the spent guesses of a budget, after a right guess.
func (s *Store) Refund(ctx context.Context, a Attempt) error {
	_, err := s.pool.Exec(ctx, sqlRefund, a.Stream.Tenant, a.Stream.Kind, a.Stream.ID, a.Secret)
	if err != nil {
		return fmt.Errorf("eventstore: refund attempts: %w", Unavailable(err))
	}
	return nil
}
