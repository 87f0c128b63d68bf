package signin

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Credentials are a user and the password.
type Credentials struct {
	Identifier Identifier
	Password   string
}

// Login signs a person in. sessionToken asks for a session token too.
//
// Errors: ErrRejected, which is also the answer to an address where the login policy has none sign in; to the right password
// ErrPasswordOff, ErrMFARequired and ErrPasswordExpired; throttle.ErrTooManyAttempts, for users that do not exist as well; what is
// unavailable.
func (s *Service) Login(ctx context.Context, c Credentials, sessionToken bool) (SignedIn, error) {
	came := s.rt.Now()
	in, err := s.login(ctx, c, sessionToken)
	s.levelRefusal(ctx, came, err)
	return in, err
}

func (s *Service) login(ctx context.Context, c Credentials, sessionToken bool) (SignedIn, error) {
	n := c.Identifier.name()
	counted := attempts(ctx, n, throttle.SignInByIdentifier(), throttle.SignInByAddress())
	if err := s.limiter.Take(ctx, s.tenant, counted...); err != nil {
		return SignedIn{}, err
	}
	id, err := s.findAny(ctx, n)
	if err != nil {
		return SignedIn{}, err
	}
	checked, err := s.users.CheckPassword(ctx, s.system, user.CheckPassword{UserID: id, Password: c.Password})
	if err != nil {
		return SignedIn{}, s.reject(ctx, id, c.Password, err)
	}
	if err := s.admit(ctx, n, id, checked); err != nil {
		return SignedIn{}, err
	}
	in, err := s.begin(ctx, session.Begin{
		UserID: id, Organization: checked.Organization, UserVersion: checked.Version, Proof: session.ByPassword, SessionToken: sessionToken,
	})
	if err == nil {
		s.limiter.Forgive(ctx, s.tenant, counted...)
	}
	return in, err
}

// reject makes the refusal of a password. Where nothing was compared, because there is no such user or it may not sign in, it
// costs what a comparison does, and a count of the guess where none was made.
func (s *Service) reject(ctx context.Context, userID, password string, cause error) error {
	if passing(cause) || errors.Is(cause, user.ErrWrongPassword) {
		return masked(cause, ErrRejected)
	}
	if !errors.Is(cause, user.ErrPasswordThrottled) {
		if err := s.pretendGuess(ctx, userID); err != nil {
			return err
		}
	}
	if err := s.pretendLock(ctx, userID); err != nil {
		return err
	}
	if err := s.users.Pretend(ctx, password); err != nil {
		return err
	}
	return masked(cause, ErrRejected)
}

// pretendGuess counts a guess as package user does, at a secret that is nobody's.
func (s *Service) pretendGuess(ctx context.Context, userID string) error {
	return s.spend(ctx, userID, "pretended")
}

// pretendLock asks for the policy of locks and counts as package user does for one.
func (s *Service) pretendLock(ctx context.Context, userID string) error {
	held, err := s.policies.Lockout(ctx, s.tenant, s.settings.Organization)
	if err != nil || held.Policy.GetPasswordAttempts() == 0 {
		return err
	}
	return s.spend(ctx, userID, "pretended lock")
}

func (s *Service) spend(ctx context.Context, userID, secret string) error {
	const enough, window = math.MaxInt32, 10 * time.Minute
	attempt := eventstore.Attempt{Stream: eventstore.StreamID{Tenant: s.tenant, Kind: user.Kind, ID: userID}, Secret: secret}
	_, err := s.rt.Store.Spend(ctx, attempt, enough, window)
	return command.Refusal(err)
}
