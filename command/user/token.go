package user

import (
	"context"
	"fmt"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

const maxTokens = 100

// NewToken describes a personal access token to be made.
type NewToken struct {
	Name      string    // for people; at most 200 characters
	ExpiresAt time.Time // zero: never
}

func (t NewToken) check(now time.Time) error {
	if err := t.checkName(); err != nil {
		return err
	}
	return checkExpiry(t.ExpiresAt, now)
}

func (t NewToken) checkName() error {
	if !printable(t.Name, maxName) {
		return ErrTokenName
	}
	return nil
}

// checkExpiry validates when something is to end; zero is never.
func checkExpiry(at, now time.Time) error {
	switch {
	case at.IsZero():
		return nil
	case !at.After(now):
		return ErrExpiryInThePast
	case at.After(endOfTime()):
		return ErrExpiryTooFar
	}
	return nil
}

// endOfTime is the last moment that every form of a date on the wire can name.
func endOfTime() time.Time {
	return time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
}

// Issued is a personal access token, shown once.
type Issued struct {
	ID    string
	Token string
}

// IssueToken makes a token for a machine user.
type IssueToken struct {
	UserID string
	NewToken
}

// IssuedToken is the answer of IssueToken.
type IssuedToken struct {
	Issued
	Receipt command.Receipt
}

// IssueToken makes a token that acts as the machine user until it expires or is revoked.
func (s *Service) IssueToken(ctx context.Context, caller *permission.Caller, req IssueToken) (IssuedToken, error) {
	g, err := s.guard(opIssueToken, caller, req.UserID)
	if err != nil {
		return IssuedToken{}, err
	}
	if err := req.check(s.rt.Now()); err != nil {
		return IssuedToken{}, err
	}
	var out IssuedToken
	out.Receipt, err = s.change(ctx, g, anyUser, func(ctx context.Context, state *State, d *command.Decision) (err error) {
		switch {
		case !state.Machine:
			return ErrNotMachine
		case len(state.Tokens) >= maxTokens:
			return ErrTooManyTokens
		}
		out.Issued, err = s.addToken(ctx, d, caller.Tenant, req.NewToken)
		return err
	})
	if err != nil {
		return IssuedToken{}, err
	}
	return out, nil
}

// addToken makes a token and adds it to a decision.
func (s *Service) addToken(ctx context.Context, d *command.Decision, tenant string, t NewToken) (Issued, error) {
	token, digest, err := s.newToken(ctx, d, tenant)
	if err != nil {
		return Issued{}, err
	}
	id := s.rt.NewID().String()
	s.record(d, &eventv1.UserTokenAdded{TokenId: id, Digest: digest, Name: t.Name, ExpiresAt: ending(t.ExpiresAt)})
	return Issued{ID: id, Token: token}, nil
}

// newToken makes the value of a token and claims it.
func (s *Service) newToken(ctx context.Context, d *command.Decision, tenant string) (token string, digest []byte, err error) {
	if token, err = bearer.New(s.rt.Random); err != nil {
		return "", nil, err
	}
	claim, err := TokenClaim(ctx, s.rt.Vault, tenant, token)
	if err != nil {
		return "", nil, err
	}
	d.Claims = append(d.Claims, claim)
	return token, claim.Digest, nil
}

func claimOf(t Token) eventstore.Claim {
	return eventstore.Claim{Kind: claimToken, Digest: t.Digest}
}

// Digester makes keyed digests. *vault.Vault is one.
type Digester interface {
	Digest(ctx context.Context, tenant, purpose, value string) ([]byte, error)
}

// TokenClaim returns the claim by which the user behind a token is found.
func TokenClaim(ctx context.Context, v Digester, tenant, token string) (eventstore.Claim, error) {
	digest, err := v.Digest(ctx, tenant, claimToken, token)
	if err != nil {
		return eventstore.Claim{}, fmt.Errorf("user: digest of a token: %w", err)
	}
	return eventstore.Claim{Kind: claimToken, Digest: digest}, nil
}

// RevokeToken ends a token.
type RevokeToken struct {
	UserID  string
	TokenID string
}

// RevokeToken ends a token: no node accepts it once its own log reader has seen the event, this one at once.
func (s *Service) RevokeToken(ctx context.Context, caller *permission.Caller, req RevokeToken) (command.Receipt, error) {
	g, err := s.guard(opRevokeToken, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, anyUser, func(_ context.Context, state *State, d *command.Decision) error {
		t, ok := state.token(req.TokenID)
		if !ok {
			return ErrTokenNotFound
		}
		s.removeToken(d, t)
		return nil
	})
}

func (s *Service) removeToken(d *command.Decision, t Token) {
	d.Releases = append(d.Releases, claimOf(t))
	s.record(d, &eventv1.UserTokenRemoved{TokenId: t.ID})
}
