package accesstoken

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwt"
)

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

// claimSession is the session of a token (OpenID Connect Front-Channel Logout, section 3).
const claimSession = "sid"

// stamp returns the claims that every token of ours has, of one that is issued now.
func (s *Service) stamp(life time.Duration) *jwt.Builder {
	now := s.rt.Now()
	return jwt.NewBuilder().Issuer(s.issuer).IssuedAt(now).Expiration(now.Add(life).Truncate(time.Second))
}

// Issue signs an access token.
func (s *Service) Issue(ctx context.Context, who Subject) (Token, error) {
	if who.UserID == "" || who.SessionID == "" {
		return Token{}, errors.New("accesstoken: a token is for a user and a session")
	}
	claims, err := s.stamp(s.life).
		Subject(who.UserID).
		Claim(claimSession, who.SessionID).
		JwtID(s.rt.NewID().String()).
		Build()
	if err != nil {
		return Token{}, fmt.Errorf("accesstoken: claims: %w", err)
	}
	value, err := s.sign(ctx, typeAccess, claims)
	if err != nil {
		return Token{}, err
	}
	return Token{Value: value, ExpiresAt: claims.Expiration()}, nil
}

// Verify returns what a token says if it is good, and ErrInvalid otherwise.
func (s *Service) Verify(ctx context.Context, token string) (Claims, error) {
	claims, err := s.open(ctx, typeAccess, token)
	if err != nil {
		return Claims{}, err
	}
	who := Subject{UserID: claims.Subject(), SessionID: text(claims, claimSession)}
	if who.UserID == "" || who.SessionID == "" {
		return Claims{}, ErrInvalid
	}
	return Claims{Subject: who, ExpiresAt: claims.Expiration()}, nil
}

// text returns a claim that is a text, and "" for every other.
func text(claims jwt.Token, name string) string {
	value, _ := claims.Get(name)
	out, _ := value.(string)
	return out
}

// sign returns claims as a token of the key whose time it is.
func (s *Service) sign(ctx context.Context, as tokenType, claims jwt.Token) (string, error) {
	ring, err := s.current(ctx)
	if err != nil {
		return "", err
	}
	key := ring.signer(s.rt.Now())
	if key == nil {
		return "", errors.New("accesstoken: the keys are of a later version")
	}
	return key.sign(as, claims)
}

// open returns what a token of this type says, if a published key has signed it and it is good now.
func (s *Service) open(ctx context.Context, as tokenType, token string) (jwt.Token, error) {
	id, ok := keyID(as, token)
	if !ok {
		return nil, ErrInvalid
	}
	key, err := s.lookup(ctx, id)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, ErrInvalid
	}
	claims, err := s.verify(key, token)
	if err != nil {
		return nil, ErrInvalid // whatever is wrong with it
	}
	return claims, nil
}
