package user

import (
	"context"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// CreateToken makes a token for somebody to act in the own name.
type CreateToken struct {
	UserID string
	NewToken
}

// CreateToken makes a token for a person or a machine. Expired tokens make room: where there are too many, the one that ended first
// is removed.
func (s *Service) CreateToken(ctx context.Context, caller *permission.Caller, req CreateToken) (IssuedToken, error) {
	g, err := s.guard(opCreateToken, caller, req.UserID)
	if err != nil {
		return IssuedToken{}, err
	}
	if err := req.check(s.rt.Now()); err != nil {
		return IssuedToken{}, err
	}
	var out IssuedToken
	out.Receipt, err = s.change(ctx, g, anyUser, func(ctx context.Context, state *State, d *command.Decision) (err error) {
		if len(state.Tokens) >= maxTokens {
			ended, ok := state.firstEnded(s.rt.Now())
			if !ok {
				return ErrTokensExhausted
			}
			s.removeToken(d, ended)
		}
		out.Issued, err = s.addToken(ctx, d, caller.Tenant, req.NewToken)
		return err
	})
	if err != nil {
		return IssuedToken{}, err
	}
	return out, nil
}

// firstEnded returns the token that expired before all others.
func (s *State) firstEnded(now time.Time) (first Token, found bool) {
	for _, t := range s.Tokens {
		if t.expired(now) && (!found || t.ExpiresAt.Before(first.ExpiresAt)) {
			first, found = t, true
		}
	}
	return first, found
}

// UpdateToken changes what is known of a token.
type UpdateToken struct {
	UserID  string
	TokenID string
	Set     *NewToken // nil: nothing
}

// KnownToken is the answer of UpdateToken.
type KnownToken struct {
	Name      string
	ExpiresAt time.Time // zero: never
	Receipt   command.Receipt
}

// UpdateToken changes a token's name and when it expires. One that was expired by force only gets the name.
func (s *Service) UpdateToken(ctx context.Context, caller *permission.Caller, req UpdateToken) (KnownToken, error) {
	g, err := s.guard(opUpdateToken, caller, req.UserID)
	if err != nil {
		return KnownToken{}, err
	}
	if req.Set != nil {
		if err := req.Set.checkName(); err != nil {
			return KnownToken{}, err
		}
	}
	var out KnownToken
	out.Receipt, err = s.change(ctx, g, anyUser, func(_ context.Context, state *State, d *command.Decision) error {
		t, ok := state.token(req.TokenID)
		if !ok {
			return ErrTokenNotFound
		}
		next, err := t.with(req.Set, s.rt.Now())
		if err != nil {
			return err
		}
		out.Name, out.ExpiresAt = next.Name, next.ExpiresAt
		if next.Name != t.Name || !next.ExpiresAt.Equal(t.ExpiresAt) {
			s.record(d, &eventv1.UserTokenChanged{TokenId: t.ID, Name: next.Name, ExpiresAt: ending(next.ExpiresAt)})
		}
		return nil
	})
	if err != nil {
		return KnownToken{}, err
	}
	return out, nil
}

// with returns the token as an update leaves it. An expiry in the past is refused unless the token has it already: who renames a
// token sends what it was told.
func (t Token) with(set *NewToken, now time.Time) (Token, error) {
	if set == nil {
		return t, nil
	}
	t.Name = set.Name
	if t.Expired || t.ExpiresAt.Equal(set.ExpiresAt) {
		return t, nil
	}
	t.ExpiresAt = set.ExpiresAt
	return t, checkExpiry(t.ExpiresAt, now)
}

// ExpireToken ends a token before its time.
type ExpireToken struct {
	UserID  string
	TokenID string
}

// ExpireToken ends a token for good, as RevokeToken does, but the token stays listed. One that has ended already stays as it is.
func (s *Service) ExpireToken(ctx context.Context, caller *permission.Caller, req ExpireToken) (command.Receipt, error) {
	g, err := s.guard(opExpireToken, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, anyUser, func(_ context.Context, state *State, d *command.Decision) error {
		t, ok := state.token(req.TokenID)
		if !ok {
			return ErrTokenNotFound
		}
		if !t.Expired {
			s.record(d, &eventv1.UserTokenExpired{TokenId: t.ID})
		}
		return nil
	})
}

// RegenerateToken gives a token a new value.
type RegenerateToken struct {
	UserID  string
	TokenID string
}

// RegenerateToken gives a token that has not expired a new value; the one before ends with it, and so do sessions that stand on it.
func (s *Service) RegenerateToken(ctx context.Context, caller *permission.Caller, req RegenerateToken) (IssuedToken, error) {
	g, err := s.guard(opRegenerateToken, caller, req.UserID)
	if err != nil {
		return IssuedToken{}, err
	}
	out := IssuedToken{Issued: Issued{ID: req.TokenID}}
	out.Receipt, err = s.change(ctx, g, anyUser, func(ctx context.Context, state *State, d *command.Decision) error {
		t, ok := state.token(req.TokenID)
		switch {
		case !ok:
			return ErrTokenNotFound
		case t.expired(s.rt.Now()):
			return ErrTokenExpired
		}
		token, digest, err := s.newToken(ctx, d, caller.Tenant)
		if err != nil {
			return err
		}
		out.Token = token
		d.Releases = append(d.Releases, claimOf(t))
		s.record(d, &eventv1.UserTokenRegenerated{TokenId: t.ID, Digest: digest})
		return nil
	})
	if err != nil {
		return IssuedToken{}, err
	}
	return out, nil
}
