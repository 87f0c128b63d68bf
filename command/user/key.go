package user

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

const (
	maxKeys       = 100
	keyBits       = 2048 // of keys made here, and the least of RSA keys that are brought
	maxKeyBits    = 8192 // beyond, checking a signature costs whoever checks more than whoever made it
	minExponent   = 3
	maxKeyFile    = 8192 // bytes of PEM
	blockPublic   = "PUBLIC KEY"
	blockPrivate  = "RSA PRIVATE KEY"
	keyFileType   = "serviceaccount"
	keysRequested = "key requests"

	// A machine that acts for itself may have this many keys made in this time: making one keeps a processor busy.
	keyRequests      = 20
	keyRequestWindow = time.Hour
)

// AddKey adds a key with which a machine user proves who it is (RFC 7523).
type AddKey struct {
	UserID    string
	PublicKey []byte    // SubjectPublicKeyInfo (RFC 5280) in PEM; nil: a pair is made, of which only the public half is kept
	ExpiresAt time.Time // zero: never
}

// AddedKey is the answer of AddKey.
type AddedKey struct {
	ID      string
	File    []byte // JSON with the private key, shown once; nil if a public key was given
	Receipt command.Receipt
}

// AddKey adds a key that was brought, or makes one.
func (s *Service) AddKey(ctx context.Context, caller *permission.Caller, req AddKey) (AddedKey, error) {
	g, err := s.guard(opAddKey, caller, req.UserID)
	if err != nil {
		return AddedKey{}, err
	}
	if err := checkExpiry(req.ExpiresAt, s.rt.Now()); err != nil {
		return AddedKey{}, err
	}
	var private *rsa.PrivateKey
	var public []byte
	if len(req.PublicKey) > 0 {
		public, err = parsePublicKey(req.PublicKey)
	} else {
		private, public, err = s.newKey(ctx, g)
	}
	if err != nil {
		return AddedKey{}, err
	}
	added := &eventv1.UserMachineKeyAdded{KeyId: s.rt.NewID().String(), PublicKey: public}
	if !req.ExpiresAt.IsZero() {
		added.ExpiresAt = timestamppb.New(req.ExpiresAt)
	}
	out := AddedKey{ID: added.KeyId}
	if private != nil {
		if out.File, err = keyFile(private, added, req.UserID); err != nil {
			return AddedKey{}, err
		}
	}
	out.Receipt, err = s.change(ctx, g, keyHolder, func(_ context.Context, state *State, d *command.Decision) error {
		if len(state.Keys) >= maxKeys {
			return ErrTooManyKeys
		}
		s.record(d, added)
		return nil
	})
	if err != nil {
		return AddedKey{}, err
	}
	return out, nil
}

// newKey makes a pair of keys for a caller who may have one; the public half is returned as it is kept. It asks first,
// because it takes a processor about a tenth of a second, and asks apart, because a decision must not take that long.
func (s *Service) newKey(ctx context.Context, g guard) (*rsa.PrivateKey, []byte, error) {
	_, err := s.change(ctx, g, keyHolder, func(ctx context.Context, state *State, _ *command.Decision) error {
		if len(state.Keys) >= maxKeys {
			return ErrTooManyKeys
		}
		return g.limitKeys(ctx)
	})
	if err != nil {
		return nil, nil, err
	}
	private, err := rsa.GenerateKey(s.rt.Random, keyBits)
	if err != nil {
		return nil, nil, fmt.Errorf("user: make a key: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return nil, nil, fmt.Errorf("user: marshal a public key: %w", err)
	}
	return private, public, nil
}

// limitKeys bounds how many keys a machine can have made in its own name.
func (g *guard) limitKeys(ctx context.Context) error {
	if !g.caller.Is(g.userID) {
		return nil
	}
	_, err := g.budget.spend(ctx, keysRequested, keyRequests, keyRequestWindow)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return ErrTooManyKeyRequests
	}
	return err
}

// parsePublicKey returns the DER of a public key that is strong enough and of a kind that signatures are checked with.
func parsePublicKey(text []byte) ([]byte, error) {
	if len(text) > maxKeyFile {
		return nil, ErrInvalidKey
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != blockPublic || strings.TrimSpace(string(rest)) != "" {
		return nil, ErrInvalidKey
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, ErrInvalidKey.Because(err)
	}
	if !usable(key) {
		return nil, ErrInvalidKey
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, ErrInvalidKey.Because(err)
	}
	return der, nil
}

func usable(key any) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		return bits >= keyBits && bits <= maxKeyBits && k.E >= minExponent && k.E%2 == 1
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256() || k.Curve == elliptic.P384()
	case ed25519.PublicKey:
		return true
	}
	return false
}

// keyFile is what a program needs to sign assertions; client libraries read this form.
func keyFile(private *rsa.PrivateKey, key *eventv1.UserMachineKeyAdded, userID string) ([]byte, error) {
	file := struct {
		Type       string `json:"type"`
		KeyID      string `json:"keyId"`
		Key        string `json:"key"` // PKCS #1 (RFC 8017, appendix A.1.2) in PEM
		Expiration string `json:"expirationDate,omitempty"`
		UserID     string `json:"userId"`
	}{Type: keyFileType, KeyID: key.GetKeyId(), UserID: userID}
	file.Key = string(pem.EncodeToMemory(&pem.Block{Type: blockPrivate, Bytes: x509.MarshalPKCS1PrivateKey(private)}))
	if key.GetExpiresAt() != nil {
		file.Expiration = key.GetExpiresAt().AsTime().Format(time.RFC3339)
	}
	text, err := json.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("user: write a key file: %w", err)
	}
	return text, nil
}

// RemoveKey names a key.
type RemoveKey struct {
	UserID string
	KeyID  string
}

// RemoveKey takes a key away from a machine user: it proves nothing any more.
func (s *Service) RemoveKey(ctx context.Context, caller *permission.Caller, req RemoveKey) (command.Receipt, error) {
	g, err := s.guard(opRemoveKey, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, anyUser, func(_ context.Context, state *State, d *command.Decision) error {
		for _, k := range state.Keys {
			if k.ID == req.KeyID {
				s.record(d, &eventv1.UserMachineKeyRemoved{KeyId: k.ID})
				return nil
			}
		}
		return ErrKeyNotFound
	})
}
