package user

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/signet-iam/signet/eventstore"
)

// Kinds of the claims that users hold.
const (
	claimUsername = "username"
	claimToken    = "token"
	claimWebAuthn = "webauthn"
)

const maxName = 200 // characters

// usernameClaim makes a username unique whatever its case and its form of Unicode.
func (s *Service) usernameClaim(ctx context.Context, tenant, username string) (eventstore.Claim, error) {
	digest, err := s.rt.Vault.Digest(ctx, tenant, claimUsername, canonical(username))
	if err != nil {
		return eventstore.Claim{}, fmt.Errorf("user: digest of a username: %w", err)
	}
	return eventstore.Claim{Kind: claimUsername, Digest: digest}, nil
}

func canonical(username string) string {
	return norm.NFC.String(strings.ToLower(norm.NFC.String(strings.TrimSpace(username))))
}

// parseUsername returns a username without the spaces around it.
func parseUsername(username string) (string, error) {
	username, possible := trimUsername(username)
	if !possible {
		return "", ErrInvalidUsername
	}
	return username, nil
}

// trimUsername returns a username without the spaces around it, and whether anybody can have it.
func trimUsername(username string) (string, bool) {
	username = strings.TrimSpace(username)
	return username, username != "" && printable(username, maxName)
}

// printable reports whether s has at most limit characters, none of them a control character.
func printable(s string, limit int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= limit && !strings.ContainsFunc(s, unicode.IsControl)
}
