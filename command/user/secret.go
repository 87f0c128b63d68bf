package user

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// secretEntropy is in bytes; as base64url it makes 64 characters, all of which pass a URL or a header unescaped.
const secretEntropy = 48

// NewSecret is the answer of SetSecret.
type NewSecret struct {
	Receipt command.Receipt
	Secret  string // shown once
}

// SetSecret gives a machine user a secret for the client credentials grant (RFC 6749, section 4.4). An earlier one is void.
func (s *Service) SetSecret(ctx context.Context, caller *permission.Caller, userID string) (NewSecret, error) {
	g, err := s.guard(opSetSecret, caller, userID)
	if err != nil {
		return NewSecret{}, err
	}
	var out NewSecret
	out.Receipt, err = s.change(ctx, g, secretHolder, func(ctx context.Context, _ *State, d *command.Decision) (err error) {
		if out.Secret, err = s.newSecret(); err != nil {
			return err
		}
		hash, err := s.secretHash(ctx, g, out.Secret)
		if err != nil {
			return err
		}
		s.record(d, &eventv1.UserMachineSecretSet{Hash: hash})
		return nil
	})
	if err != nil {
		return NewSecret{}, err
	}
	return out, nil
}

func (s *Service) newSecret() (string, error) {
	var raw [secretEntropy]byte
	if _, err := io.ReadFull(s.rt.Random, raw[:]); err != nil {
		return "", fmt.Errorf("user: read random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw[:]), nil
}

// secretHash is what the log knows of a secret: a keyed digest, bound to the user. A slow hash protects what people choose;
// 384 random bits nobody guesses, and a program shows its secret at each of its sign-ins, so that the check has to be cheap.
// The digest is without a $, which tells it from the hash of a password.
func (s *Service) secretHash(ctx context.Context, g guard, secret string) (string, error) {
	digest, err := s.rt.Vault.Digest(ctx, g.caller.Tenant, "machine-secret:"+g.userID, secret)
	if err != nil {
		return "", fmt.Errorf("user: digest of a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(digest), nil
}

// RemoveSecret takes the secret away from a machine user who has one.
func (s *Service) RemoveSecret(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opRemoveSecret, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, secretHolder, func(_ context.Context, state *State, d *command.Decision) error {
		if state.SecretHash == "" {
			return ErrSecretNotFound
		}
		s.record(d, &eventv1.UserMachineSecretRemoved{})
		return nil
	})
}
