package user

import (
	"context"
	"errors"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// CheckPassword is a password that somebody presents who is about to sign in.
type CheckPassword struct {
	UserID   string
	Password string
}

// Checked says on which state of a user a proof was judged.
type Checked struct {
	Version      uint64 // of the user's stream: a session that begins with the proof is good until State.SessionsSince is greater
	Organization string // of the user
}

// CheckPassword accepts the password of an active person, and records nothing unless the hash is of yesterday's cost: then the
// same password gets a new one, if there is room to compute it. That the password has to be changed, or is older than the policy
// allows, does not stand in the way: the state says so (ChangeRequired, PasswordSince). Whoever has the password may use it. Ten guesses are free in ten minutes, right ones give them back.
// Errors: ErrWrongPassword, password.ErrBusy; for those who may know about the user also ErrPasswordNotFound,
// ErrPasswordNotSet, ErrCannotSignIn and ErrPasswordThrottled, all of which come without a comparison.
func (s *Service) CheckPassword(ctx context.Context, caller *permission.Caller, req CheckPassword) (Checked, error) {
	g, err := s.guard(opCheckPassword, caller, req.UserID)
	if err != nil {
		return Checked{}, err
	}
	t := tryPassword(g, req.Password)
	receipt, err := s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		switch {
		case !g.proof:
			return g.check(state.Organization)
		case state.Human() && !state.CanSignIn():
			return s.deny(ctx, t, state, ErrCannotSignIn)
		}
		proven, err := s.proveByPassword(ctx, t, state, d)
		if err != nil || !proven {
			return err
		}
		s.rehash(ctx, t, state, d)
		return nil
	})
	if err != nil {
		return Checked{}, err
	}
	s.forgive(ctx, streamOf(caller, req.UserID), s.passwordCounters(ctx, caller.Tenant, receipt.Organization)...)
	return Checked{Version: receipt.Version, Organization: receipt.Organization}, nil
}

// Pretend costs as much as a comparison with a hash of today's cost, for a user who is not there.
func (s *Service) Pretend(ctx context.Context, password string) error {
	return s.passwords.Pretend(ctx, password)
}

// passwordTry is one try at a password. It remembers what was computed, so that deciding anew costs no hash.
type passwordTry struct {
	guard
	current string // that the caller says is the password

	checked  map[string]bool // hash of a password: does the try fit it
	pretends bool            // a comparison was pretended
	knew     bool            // the password was right
	// organization of the user whose password it is
	organization string
	rehashed     bool   // a new hash was tried for
	newer        string // the new hash, if it came to be
}

func tryPassword(g guard, current string) *passwordTry {
	return &passwordTry{guard: g, current: current, checked: make(map[string]bool)}
}

// proveByPassword pays for a guess at the current password and compares it. With the last wrong one the limit's crossing is added
// to the decision, together with the refusal; so is the lock, where guessing ends in one.
func (s *Service) proveByPassword(ctx context.Context, t *passwordTry, state *State, d *command.Decision) (bool, error) {
	switch {
	case !state.Human():
		return false, s.deny(ctx, t, state, ErrPasswordNotFound)
	case state.PasswordHash == "":
		return false, s.deny(ctx, t, state, ErrPasswordNotSet)
	}
	used, err := t.budget.spend(ctx, passwordSecret, passwordGuesses, passwordWindow)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return false, s.deny(ctx, t, state, ErrPasswordThrottled)
	}
	if err != nil {
		return false, err
	}
	fits, err := s.compare(ctx, t, state)
	switch {
	case err != nil:
		return false, err
	case fits:
		return true, nil
	case used == passwordGuesses:
		s.record(d, &eventv1.UserPasswordThrottled{Attempts: passwordGuesses})
	}
	return false, s.lockOut(ctx, t.guard, state, d)
}

// compare reports whether the password fits the hash, which it looks at once.
func (s *Service) compare(ctx context.Context, t *passwordTry, state *State) (bool, error) {
	fits, known := t.checked[state.PasswordHash]
	if !known {
		var err error
		fits, err = s.passwords.Verify(ctx, state.PasswordHash, t.current)
		// A hash that was taken over before there was a limit on it tells something about its user.
		if fault, is := errors.AsType[*failure.Error](err); is && fault.Kind == failure.InvalidArgument {
			return false, s.deny(ctx, t, state, err)
		}
		if err != nil {
			return false, err
		}
		t.checked[state.PasswordHash] = fits
	}
	t.knew = fits
	return fits, nil
}

// deny refuses with the reason for those who may know it. Others wait as long as a comparison takes and hear that the password
// is wrong.
func (s *Service) deny(ctx context.Context, t *passwordTry, state *State, reason error) error {
	if t.mayKnow(state.Organization) {
		return reason
	}
	if !t.pretends {
		if err := s.passwords.Pretend(ctx, t.current); err != nil {
			return err
		}
		t.pretends = true
	}
	return ErrWrongPassword
}

// rehash adds a hash of today's cost to the decision where the present one is of another. It is a courtesy: the sign-in does not
// fail by it, and the next one tries again.
func (s *Service) rehash(ctx context.Context, t *passwordTry, state *State, d *command.Decision) {
	if !password.Outdated(state.PasswordHash) {
		return
	}
	if !t.rehashed {
		t.rehashed = true
		t.newer, _ = s.passwords.Hash(ctx, t.current)
	}
	if t.newer != "" {
		s.record(d, &eventv1.UserPasswordRehashed{Hash: t.newer})
	}
}

// forgive gives back the guesses at some secrets. It is a courtesy: if it fails the window ends them.
func (s *Service) forgive(ctx context.Context, user eventstore.StreamID, secrets ...string) {
	for _, secret := range secrets {
		_ = s.rt.Store.Refund(ctx, eventstore.Attempt{Stream: user, Secret: secret})
	}
}
