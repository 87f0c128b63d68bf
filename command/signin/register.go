package signin

import (
	"context"
	"strings"

	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
)

// unnamed stands for the family name of somebody who has not told it.
const unnamed = "-"

// Register adds a person and signs it in. An address that identifies nobody yet becomes the person's, unproven, and a code is
// sent there; the username is then the new id. Who chooses a username has no address.
//
// Errors: ErrRegistrationOff; ErrPasswordOff and ErrMFARequired where whoever registers could not sign in; what the password lacks; a malformed identifier; user.ErrUsernameTaken;
// throttle.ErrTooManyAttempts; what is unavailable.
func (s *Service) Register(ctx context.Context, c Credentials, sessionToken bool) (SignedIn, error) {
	if err := s.open(ctx); err != nil {
		return SignedIn{}, err
	}
	if err := s.users.CheckPolicy(ctx, s.tenant, s.settings.Organization, c.Password); err != nil {
		return SignedIn{}, err
	}
	add, err := s.newcomer(c)
	if err != nil {
		return SignedIn{}, err
	}
	counted := fromHere(ctx, throttle.RegisterByAddress())
	if n := c.Identifier.name(); n.kind != byUsername {
		counted = append(counted, throttle.Attempt{Limit: throttle.CodeByRecipient(), Key: n.value})
	}
	if err := s.limiter.Take(ctx, s.tenant, counted...); err != nil {
		return SignedIn{}, err
	}
	added, err := s.users.AddHuman(ctx, s.system, add)
	if err != nil {
		return SignedIn{}, err
	}
	return s.begin(ctx, session.Begin{
		UserID: added.UserID, Organization: added.Receipt.Organization, UserVersion: added.Receipt.Version,
		Proof: session.ByPassword, SessionToken: sessionToken,
	})
}

// newcomer describes a person of whom nothing is known but an identifier and a password.
func (s *Service) newcomer(c Credentials) (user.AddHuman, error) {
	id := s.rt.NewID().String()
	add := user.AddHuman{
		UserID: id, Organization: s.settings.Organization, Username: &id, Password: &user.NewPassword{Clear: c.Password},
	}
	called := ""
	switch i := c.Identifier; {
	case i.Email != "":
		if _, err := user.CanonicalEmail(i.Email); err != nil {
			return add, err
		}
		called, _, _ = strings.Cut(strings.TrimSpace(i.Email), "@")
		add.Email.Address = i.Email
	case i.Phone != "":
		number, err := user.CanonicalPhone(i.Phone)
		if err != nil {
			return add, err
		}
		called, add.Phone, add.WithoutEmail = number, &user.PhoneChange{Number: number}, true
	case strings.Contains(i.Username, "@"):
		// It would be taken for an address that was never proven, and keep its owner from it.
		return add, ErrUsername
	default:
		if err := user.CheckUsername(i.Username); err != nil {
			return add, err
		}
		called, add.Username, add.WithoutEmail = i.Username, &i.Username, true
	}
	add.Profile = user.Profile{GivenName: called, FamilyName: unnamed, DisplayName: &called}
	return add, nil
}
