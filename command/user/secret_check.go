package user

import (
	"context"
	"crypto/hmac"
	"errors"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

const (
	machineSecret  = "machine secret"
	machineGuesses = 10
	machineWindow  = 10 * time.Minute
)

// CheckSecret is a secret that a program presents as the one of a machine user.
type CheckSecret struct {
	UserID string
	Secret string
}

// CheckSecret accepts the secret of an active machine (RFC 6749, section 4.4), and records nothing. Whoever has the secret may
// use it. Ten guesses are free in ten minutes, right ones give them back. Errors: ErrWrongSecret; for those who may know about
// the user also ErrNoSecretHolder, ErrSecretNotFound, ErrCannotSignIn and ErrSecretThrottled.
func (s *Service) CheckSecret(ctx context.Context, caller *permission.Caller, req CheckSecret) (Checked, error) {
	g, err := s.guard(opCheckSecret, caller, req.UserID)
	if err != nil {
		return Checked{}, err
	}
	// Computed for everybody, so that it takes the same time whether there is something to compare it with.
	hash, err := s.secretHash(ctx, g, req.Secret)
	if err != nil {
		return Checked{}, err
	}
	receipt, err := s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		switch {
		case !g.proof:
			return g.check(state.Organization)
		case secretHolder.find(state) != nil:
			return g.masked(state, ErrNoSecretHolder, ErrWrongSecret)
		case state.SecretHash == "":
			return g.masked(state, ErrSecretNotFound, ErrWrongSecret)
		case !state.CanSignIn():
			return g.masked(state, ErrCannotSignIn, ErrWrongSecret)
		}
		return s.matchSecret(ctx, &secretTry{guard: g, hash: hash}, state, d)
	})
	if err != nil {
		return Checked{}, err
	}
	s.forgive(ctx, streamOf(caller, req.UserID), machineSecret)
	return Checked{Version: receipt.Version, Organization: receipt.Organization}, nil
}

// secretTry is one try at a machine's secret.
type secretTry struct {
	guard
	hash string
}

// matchSecret pays for the guess and compares it. With the last wrong one the limit's crossing is added to the decision, together
// with the refusal.
func (s *Service) matchSecret(ctx context.Context, t *secretTry, state *State, d *command.Decision) error {
	used, err := t.budget.spend(ctx, machineSecret, machineGuesses, machineWindow)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return t.masked(state, ErrSecretThrottled, ErrWrongSecret)
	}
	switch {
	case err != nil:
		return err
	case hmac.Equal([]byte(t.hash), []byte(state.SecretHash)):
		return nil
	case used < machineGuesses:
		return ErrWrongSecret
	}
	s.record(d, &eventv1.UserMachineSecretThrottled{Attempts: machineGuesses})
	d.Refusal = ErrWrongSecret
	return nil
}
