package intent

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/signet-iam/signet/command"
)

const (
	stateBytes = 16 // 128 bits; with the id it fits into the 80 bytes of a RelayState (SAML Bindings 3.4.3)
	tokenBytes = 32

	// The purposes of digests. They never change.
	stateSecret = "intent-state"
	tokenSecret = "intent-token"
)

// draw returns random bytes in the letters of URLs.
func (s *Service) draw(size int) (string, error) {
	raw := make([]byte, size)
	if _, err := io.ReadFull(s.rt.Random, raw); err != nil {
		return "", fmt.Errorf("intent: read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// digest is what the log knows of a secret. It is bound to the intent.
func (s *Service) digest(ctx context.Context, tenant, purpose, id, value string) ([]byte, error) {
	digest, err := s.rt.Vault.Digest(ctx, tenant, purpose+":"+id, value)
	if err != nil {
		return nil, fmt.Errorf("intent: digest: %w", err)
	}
	return digest, nil
}

// fits compares a secret with its digest, in the same time whatever they are. No digest fits nothing.
func (s *Service) fits(ctx context.Context, tenant, purpose, id, value string, digest []byte) (bool, error) {
	got, err := s.digest(ctx, tenant, purpose, id, value)
	return err == nil && len(digest) > 0 && hmac.Equal(got, digest), err
}

// joinState writes the state that travels through a provider.
func joinState(id, secret string) string { return id + "." + secret }

func splitState(state string) (id, secret string, ok bool) {
	id, secret, ok = strings.Cut(state, ".")
	return id, secret, ok && command.ValidID(id) && len(secret) == base64.RawURLEncoding.EncodedLen(stateBytes)
}
