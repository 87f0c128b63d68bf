package user

import (
	"context"
	"math"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Lockout is a policy: somebody whose password is guessed at is locked, until an administrator unlocks it. It is off unless Attempts
// is positive, because it lets anybody who knows a username shut its user out; the budget of guesses bounds guessing without.
type Lockout struct {
	Attempts int // wrong passwords in a row
}

// wrongPasswords counts the wrong passwords since the last right one. Where nobody tries for a week it begins anew.
const wrongPasswords = "wrong passwords"

// lockOut counts a wrong password that was compared and locks the user with the last that the policy allows. It ends the decision:
// what was recorded in it, the lock or the crossing of the budget, is written together with the refusal.
func (s *Service) lockOut(ctx context.Context, g guard, state *State, d *command.Decision) error {
	if s.lockout.Attempts > 0 {
		wrong, err := g.budget.spend(ctx, wrongPasswords, math.MaxInt32, 0)
		if err != nil {
			return err
		}
		if wrong >= s.lockout.Attempts && state.Lifecycle == Active {
			s.record(d, &eventv1.UserLocked{})
		}
	}
	if len(d.Events) == 0 {
		return ErrWrongPassword
	}
	d.Refusal = ErrWrongPassword
	return nil
}

// passwordCounters are the counters that begin anew with a right password.
func (s *Service) passwordCounters() []string {
	if s.lockout.Attempts > 0 {
		return []string{passwordSecret, wrongPasswords}
	}
	return []string{passwordSecret}
}
