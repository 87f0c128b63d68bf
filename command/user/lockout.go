package user

import (
	"context"
	"math"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Counters of wrong answers since the last right one. Where nobody tries for a week they begin anew.
const (
	wrongPasswords = "wrong passwords"
	wrongCodes     = "wrong codes" // of an authenticator app, by SMS or by email
)

// lockOut counts a wrong password that was compared and locks the user with the last that the policy of its organization allows, until
// an administrator unlocks it. There is no lock by default, because it lets anybody who knows a username shut its user out; the budget of
// guesses bounds guessing without.
func (s *Service) lockOut(ctx context.Context, g guard, state *State, d *command.Decision) error {
	held, err := s.policies.Lockout(ctx, g.caller.Tenant, state.Organization)
	if err != nil {
		return err
	}
	return s.count(ctx, g, wrong{wrongPasswords, held.Policy.GetPasswordAttempts(), ErrWrongPassword}, state, d)
}

// lockOutByCode does so for a wrong code at a sign-in.
func (s *Service) lockOutByCode(ctx context.Context, g guard, refusal *failure.Error, state *State, d *command.Decision) error {
	held, err := s.policies.Lockout(ctx, g.caller.Tenant, state.Organization)
	if err != nil {
		return err
	}
	return s.count(ctx, g, wrong{wrongCodes, held.Policy.GetOtpAttempts(), refusal}, state, d)
}

// wrong is a wrong answer: what it is counted as, how many lock the user, and how it is refused.
type wrong struct {
	counter  string
	attempts uint32
	refusal  *failure.Error
}

// count counts a wrong answer. It ends the decision: what was recorded in it, the lock or the crossing of a budget, is written together
// with the refusal.
func (s *Service) count(ctx context.Context, g guard, w wrong, state *State, d *command.Decision) error {
	if w.attempts > 0 {
		n, err := g.budget.spend(ctx, w.counter, math.MaxInt32, 0)
		if err != nil {
			return err
		}
		if uint32(n) >= w.attempts && state.Lifecycle == Active {
			s.record(d, &eventv1.UserLocked{})
		}
	}
	if len(d.Events) == 0 {
		return w.refusal
	}
	d.Refusal = w.refusal
	return nil
}

// passwordCounters are the counters that begin anew with a right password of a user of an organization.
func (s *Service) passwordCounters(ctx context.Context, tenant, organization string) []string {
	if held, err := s.policies.Lockout(ctx, tenant, organization); err == nil && held.Policy.GetPasswordAttempts() == 0 {
		return []string{passwordSecret}
	}
	return []string{passwordSecret, wrongPasswords}
}

// codeCounters are those that begin anew with a right code at a sign-in, besides its own.
func (s *Service) codeCounters(ctx context.Context, tenant, organization string) []string {
	if held, err := s.policies.Lockout(ctx, tenant, organization); err == nil && held.Policy.GetOtpAttempts() == 0 {
		return nil
	}
	return []string{wrongCodes}
}
