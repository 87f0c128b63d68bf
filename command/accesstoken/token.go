package accesstoken

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// leeway is how far ahead the clock of the node may be that issued a token.
const leeway = 30 * time.Second

// Subject is who a token is for.
type Subject struct {
	UserID, SessionID string
}

// Token is a signed token.
type Token struct {
	Value     string
	ExpiresAt time.Time
}

// Claims are what a good token says.
type Claims struct {
	Subject
	ExpiresAt time.Time
}

// registered are the claims of RFC 7519, section 4.1, that every token of ours has.
type registered struct {
	Issuer    string `json:"iss"`
	IssuedAt  int64  `json:"iat"` // seconds since 1970
	ExpiresAt int64  `json:"exp"`
}

// stamp returns the claims of a token that is issued now.
func (s *Service) stamp(life time.Duration) registered {
	now := s.rt.Now()
	return registered{Issuer: s.issuer, IssuedAt: now.Unix(), ExpiresAt: now.Add(life).Unix()}
}

// check reports whether the claims are those of a token that is good now.
func (s *Service) check(r registered) bool {
	now := s.rt.Now()
	return r.Issuer == s.issuer && r.IssuedAt > 0 &&
		now.Before(time.Unix(r.ExpiresAt, 0)) && !now.Add(leeway).Before(time.Unix(r.IssuedAt, 0))
}

// accessClaims are the claims of an access token.
type accessClaims struct {
	registered
	UserID    string `json:"sub"`
	SessionID string `json:"sid"`
	ID        string `json:"jti"`
}

// Issue signs an access token.
func (s *Service) Issue(ctx context.Context, who Subject) (Token, error) {
	if who.UserID == "" || who.SessionID == "" {
		return Token{}, errors.New("accesstoken: a token is for a user and a session")
	}
	claims := accessClaims{registered: s.stamp(s.life), UserID: who.UserID, SessionID: who.SessionID, ID: s.rt.NewID().String()}
	value, err := s.sign(ctx, typeAccess, claims)
	if err != nil {
		return Token{}, err
	}
	return Token{Value: value, ExpiresAt: time.Unix(claims.ExpiresAt, 0).UTC()}, nil
}

// Verify returns what a token says if it is good, and ErrInvalid otherwise.
func (s *Service) Verify(ctx context.Context, token string) (Claims, error) {
	payload, err := s.open(ctx, typeAccess, token)
	if err != nil {
		return Claims{}, err
	}
	var claims accessClaims
	if json.Unmarshal(payload, &claims) != nil || !s.check(claims.registered) || claims.UserID == "" || claims.SessionID == "" {
		return Claims{}, ErrInvalid
	}
	return Claims{
		Subject:   Subject{UserID: claims.UserID, SessionID: claims.SessionID},
		ExpiresAt: time.Unix(claims.ExpiresAt, 0).UTC(),
	}, nil
}

// sign returns claims as a token of the key whose time it is.
func (s *Service) sign(ctx context.Context, as tokenType, claims any) (string, error) {
	ring, err := s.current(ctx)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("accesstoken: encode: %w", err)
	}
	key := ring.signer(s.rt.Now())
	if key == nil {
		return "", errors.New("accesstoken: the keys are of a later version")
	}
	return key.sign(as, payload)
}

// open returns what a token of this type holds, if a published key has signed it.
func (s *Service) open(ctx context.Context, as tokenType, token string) ([]byte, error) {
	parts, ok := parse(token)
	if !ok || parts.header.Type != as {
		return nil, ErrInvalid
	}
	key, err := s.lookup(ctx, parts.header.KeyID)
	if err != nil {
		return nil, err
	}
	if key == nil || !key.signed(parts) {
		return nil, ErrInvalid
	}
	return parts.payload, nil
}
