package signin

import (
	"context"
	"errors"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
)

// Client is a service account and its secret (RFC 6749, section 2.3.1).
type Client struct {
	ID     string // or its username
	Secret string
}

// LoginClient signs a service account in. It refuses as Login does.
func (s *Service) LoginClient(ctx context.Context, c Client) (SignedIn, error) {
	came := s.rt.Now()
	in, err := s.loginClient(ctx, c)
	s.levelRefusal(ctx, came, err)
	return in, err
}

func (s *Service) loginClient(ctx context.Context, c Client) (SignedIn, error) {
	n := name{byUsername, user.CanonicalUsername(c.ID)}
	counted := attempts(ctx, n, throttle.SignInByIdentifier(), throttle.SignInByAddress())
	if err := s.limiter.Take(ctx, s.tenant, counted...); err != nil {
		return SignedIn{}, err
	}
	id, err := s.machine(ctx, c.ID, n)
	if err != nil {
		return SignedIn{}, err
	}
	checked, err := s.users.CheckSecret(ctx, s.system, user.CheckSecret{UserID: id, Secret: c.Secret})
	if err != nil {
		return SignedIn{}, s.rejectSecret(ctx, id, err)
	}
	in, err := s.begin(ctx, session.Begin{
		UserID: id, Organization: checked.Organization, UserVersion: checked.Version, Proof: session.BySecret,
	})
	if err == nil {
		s.limiter.Forgive(ctx, s.tenant, counted...)
	}
	return in, err
}

// machine returns the id of a service account by its id or its username, or that of a stranger. The id goes first: people who
// register choose their usernames, but nobody chooses an id. Both are looked for in any case.
func (s *Service) machine(ctx context.Context, idOrName string, n name) (string, error) {
	named, err := s.findAny(ctx, n)
	if err != nil || !command.ValidID(idOrName) {
		return named, err
	}
	known, err := s.states.Load(ctx, s.tenant, idOrName) // not Recall, which reads only those that do not exist
	if err != nil {
		return "", err
	}
	if known.State.Machine {
		return idOrName, nil
	}
	return named, nil
}

// rejectSecret makes the refusal of a secret. A comparison costs next to nothing; its count does not.
func (s *Service) rejectSecret(ctx context.Context, userID string, cause error) error {
	if !passing(cause) && !errors.Is(cause, user.ErrWrongSecret) {
		if err := s.pretendGuess(ctx, userID); err != nil {
			return err
		}
	}
	return masked(cause, ErrRejected)
}
