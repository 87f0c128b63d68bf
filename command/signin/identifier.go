package signin

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
)

// Identifier names a user; one of the fields is set.
type Identifier struct {
	Username, Email, Phone string
}

// kind says what names a user.
type kind uint8

const (
	byUsername kind = iota
	byEmail
	byPhone
)

// name is an identifier in the form by which it is told from others. What cannot be one names nobody, and is looked for all the
// same.
type name struct {
	kind  kind
	value string
}

func (i Identifier) name() name {
	switch {
	case i.Email != "":
		return emailName(i.Email)
	case i.Phone != "":
		return phoneName(i.Phone)
	}
	return name{byUsername, user.CanonicalUsername(i.Username)}
}

func emailName(email string) name {
	if canonical, err := user.CanonicalEmail(email); err == nil {
		email = canonical
	}
	return name{byEmail, email}
}

func phoneName(phone string) name {
	if canonical, err := user.CanonicalPhone(phone); err == nil {
		phone = canonical
	}
	return name{byPhone, phone}
}

// key is the name among names of all kinds.
func (n name) key() string {
	switch n.kind {
	case byEmail:
		return "email:" + n.value
	case byPhone:
		return "phone:" + n.value
	}
	return "username:" + n.value
}

// find returns the one user that a name stands for, or "". Addresses stand for who has proven them, and for nobody if several
// have.
func (s *Service) find(ctx context.Context, n name) (string, error) {
	if n.kind == byUsername {
		id, _, err := s.users.WithUsername(ctx, s.tenant, n.value)
		return id, err
	}
	holders, err := s.holders(ctx, n, true)
	if err != nil || len(holders) != 1 {
		return "", err
	}
	return holders[0], nil
}

// holders returns who has an address, the newest first.
func (s *Service) holders(ctx context.Context, n name, verified bool) ([]string, error) {
	if n.kind == byPhone {
		return s.directory.WithPhone(ctx, s.tenant, n.value, verified)
	}
	return s.directory.WithEmail(ctx, s.tenant, n.value, verified)
}

// stranger returns an id that no user has, always the same for a name: what is done for a user is done for it when there is none.
func (s *Service) stranger(ctx context.Context, n name) (string, error) {
	digest, err := s.rt.Vault.Digest(ctx, s.tenant, "stranger", n.key())
	if err != nil {
		return "", command.Refusal(fmt.Errorf("signin: id of a stranger: %w", err))
	}
	return "stranger-" + hex.EncodeToString(digest[:16]), nil
}

// findAny is find, with the id of a stranger where there is no user.
func (s *Service) findAny(ctx context.Context, n name) (string, error) {
	stranger, err := s.stranger(ctx, n)
	if err != nil {
		return "", err
	}
	id, err := s.find(ctx, n)
	if err != nil || id != "" {
		return id, err
	}
	return stranger, nil
}

// attempts are what something is counted as that is tried on a user: by the name, if it has a limit, and by the client's address, if
// it is known.
func attempts(ctx context.Context, n name, byName, byAddress throttle.Limit) []throttle.Attempt {
	out := []throttle.Attempt{{Limit: byName, Key: n.value}}
	return append(out, fromHere(ctx, byAddress)...)
}

// fromHere is an attempt by the client's address. Requests of which it is not known, or is shared by many, are not counted by it.
func fromHere(ctx context.Context, limit throttle.Limit) []throttle.Attempt {
	from := command.OriginOf(ctx)
	if from.Address == "" || from.Trusted {
		return nil
	}
	return []throttle.Attempt{{Limit: limit, Key: from.Address}}
}
