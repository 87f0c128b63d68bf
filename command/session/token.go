package session

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/user"
)

// TokenPrefix begins every session token.
const TokenPrefix = "sgs_"

const (
	refreshPrefix = "sgr_"

	idSize         = 16
	tokenSize      = idSize + 24 // id, 192 random bits
	generationSize = 4
	refreshSize    = idSize + generationSize + 20 // id, generation, 160 random bits; then the keyed checksum over them
	checkSize      = 16

	// The purposes of digests. They never change.
	tokenDigest   = "session-token"
	refreshDigest = "refresh-token"
	refreshCheck  = "refresh-checksum"
)

// TokenSession returns the id of the session that a session token names, if it has the form of one. Whether it is that session's
// token is for State.HasToken to say.
func TokenSession(token string) (id string, ok bool) {
	raw, ok := bearer.Open(TokenPrefix, tokenSize, token)
	if !ok {
		return "", false
	}
	return uuid.UUID(raw[:idSize]).String(), true
}

// TokenDigest returns what the log knows of a session token.
func TokenDigest(ctx context.Context, v user.Digester, tenant, token string) ([]byte, error) {
	return digest(ctx, v, tenant, secret{tokenDigest, token})
}

// HasToken reports whether the digest is that of the session's token, in the same time whatever they are.
func (s *State) HasToken(digest []byte) bool {
	return len(s.TokenDigest) > 0 && hmac.Equal(s.TokenDigest, digest)
}

// secret is a value, and what it is for.
type secret struct{ purpose, value string }

func digest(ctx context.Context, v user.Digester, tenant string, of secret) ([]byte, error) {
	sum, err := v.Digest(ctx, tenant, of.purpose, of.value)
	if err != nil {
		return nil, fmt.Errorf("session: digest: %w", err)
	}
	return sum, nil
}

// made is a token that is about to be given out.
type made struct {
	token  string
	digest []byte
}

// newToken makes a session token.
func (s *Service) newToken(ctx context.Context, tenant, id string) (made, error) {
	raw, err := s.draw(id, tokenSize)
	if err != nil {
		return made{}, err
	}
	token := bearer.Seal(TokenPrefix, raw)
	sum, err := TokenDigest(ctx, s.rt.Vault, tenant, token)
	return made{token, sum}, err
}

// newRefreshToken makes the refresh token of a generation.
func (s *Service) newRefreshToken(ctx context.Context, tenant, id string, generation uint32) (made, error) {
	raw, err := s.draw(id, refreshSize)
	if err != nil {
		return made{}, err
	}
	binary.BigEndian.PutUint32(raw[idSize:], generation)
	check, err := digest(ctx, s.rt.Vault, tenant, secret{refreshCheck, string(raw)})
	if err != nil {
		return made{}, err
	}
	token := bearer.Seal(refreshPrefix, append(raw, check[:checkSize]...))
	sum, err := digest(ctx, s.rt.Vault, tenant, secret{refreshDigest, token})
	return made{token, sum}, err
}

// draw returns size bytes: the id of a session, the rest random.
func (s *Service) draw(id string, size int) ([]byte, error) {
	session, err := uuid.Parse(id)
	if err != nil {
		return nil, fmt.Errorf("session: id of a token: %w", err)
	}
	raw := make([]byte, size)
	copy(raw, session[:])
	if _, err := io.ReadFull(s.rt.Random, raw[idSize:]); err != nil {
		return nil, fmt.Errorf("session: read random bytes: %w", err)
	}
	return raw, nil
}

// refreshToken is a refresh token that this installation once gave out.
type refreshToken struct {
	session    string
	generation uint32
	digest     []byte
}

// openRefreshToken refuses what was never given out, without a look into the log.
func (s *Service) openRefreshToken(ctx context.Context, tenant, token string) (refreshToken, error) {
	raw, ok := bearer.Open(refreshPrefix, refreshSize+checkSize, token)
	if !ok {
		return refreshToken{}, ErrRefreshToken
	}
	named, check := raw[:refreshSize], raw[refreshSize:]
	want, err := digest(ctx, s.rt.Vault, tenant, secret{refreshCheck, string(named)})
	if err != nil {
		return refreshToken{}, err
	}
	if !hmac.Equal(want[:checkSize], check) {
		return refreshToken{}, ErrRefreshToken
	}
	sum, err := digest(ctx, s.rt.Vault, tenant, secret{refreshDigest, token})
	return refreshToken{
		session: uuid.UUID(named[:idSize]).String(), generation: binary.BigEndian.Uint32(named[idSize:]), digest: sum,
	}, err
}
