package accesstoken

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
)

// algorithm is the one there is. A key of any other is of a later binary, and not for this one to use.
const algorithm = jwa.ES256

// keyring is the keys of a state, ready for use. It does not change.
type keyring struct {
	version uint64       // of the stream
	keys    []signingKey // of our algorithm, in the order in which they sign
	due     time.Time    // when keys are to be added or removed
	set     []byte       // JSON Web Key Set
}

type signingKey struct {
	id         string
	activeFrom time.Time
	private    *ecdsa.PrivateKey
}

func newKeyring(state *State, version uint64) (*keyring, error) {
	ring := &keyring{version: version}
	set := jwk.NewSet()
	for i := range state.Keys {
		k := &state.Keys[i]
		if k.Algorithm != algorithm.String() {
			continue
		}
		private, err := parsePrivateKey(k.Private)
		if err != nil {
			return nil, fmt.Errorf("accesstoken: key %s: %w", k.ID, err)
		}
		if err := publish(set, k.ID, &private.PublicKey); err != nil {
			return nil, fmt.Errorf("accesstoken: key %s: %w", k.ID, err)
		}
		ring.keys = append(ring.keys, signingKey{id: k.ID, activeFrom: k.ActiveFrom, private: private})
	}
	var err error
	if ring.set, err = json.Marshal(set); err != nil {
		return nil, fmt.Errorf("accesstoken: key set: %w", err)
	}
	return ring, nil
}

func parsePrivateKey(der []byte) (*ecdsa.PrivateKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("not a key on P-256")
	}
	return private, nil
}

// publish adds a public key to a set.
func publish(set jwk.Set, id string, public *ecdsa.PublicKey) error {
	key, err := jwk.FromRaw(public)
	if err != nil {
		return err
	}
	for name, value := range map[string]any{jwk.KeyIDKey: id, jwk.AlgorithmKey: algorithm, jwk.KeyUsageKey: jwk.ForSignature} {
		if err := key.Set(name, value); err != nil {
			return err
		}
	}
	return set.AddKey(key)
}

// signer returns the key that signs now, nil if there is none: the newest whose time has come, and before any has, as on a
// node whose clock is behind, the first.
func (r *keyring) signer(now time.Time) *signingKey {
	var found *signingKey
	for i := range r.keys {
		if found == nil || !now.Before(r.keys[i].activeFrom) {
			found = &r.keys[i]
		}
	}
	return found
}

// find returns the key with this id, nil if there is none. There are two or three.
func (r *keyring) find(id string) *signingKey {
	for i := range r.keys {
		if r.keys[i].id == id {
			return &r.keys[i]
		}
	}
	return nil
}
