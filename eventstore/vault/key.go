package vault

import (
	"crypto/cipher"
	"crypto/subtle"
	"fmt"
	"io"
)

// Key is one subject's data key. The zero Key seals and opens nothing. Keys are small and comparable: two are equal
// when one vault handed out both for the same reading of the key.
type Key struct{ material *material }

type material struct {
	aead   cipher.AEAD
	tag    [tagSize]byte
	random io.Reader
	broken error // why the key cannot be used; see Vault.Keys
}

// Overhead is the number of bytes by which a sealed value is longer than its plaintext.
const Overhead = 1 + tagSize + nonceSize + overhead

// IsZero reports whether k is the zero Key: that of a subject without a data key.
func (k Key) IsZero() bool { return k.material == nil }

func (k Key) usable() error {
	if k.material == nil {
		return ErrErased
	}
	return k.material.broken
}

// Seal encrypts plaintext and authenticates it together with binding, which is not stored: Open needs the same.
// ErrErased for the zero Key.
func (k Key) Seal(binding, plaintext []byte) ([]byte, error) {
	if err := k.usable(); err != nil {
		return nil, err
	}
	sealed := make([]byte, 1+tagSize+nonceSize, Overhead+len(plaintext))
	sealed[0] = formVersion
	copy(sealed[1:], k.material.tag[:])
	nonce := sealed[1+tagSize:]
	if _, err := io.ReadFull(k.material.random, nonce); err != nil {
		return nil, fmt.Errorf("vault: read random bytes: %w", err)
	}
	return k.material.aead.Seal(sealed, nonce, plaintext, binding), nil
}

// Open decrypts what Seal made with the same key and binding. ErrDamaged, and ErrErased when the value was sealed with
// a key that this subject had before it was erased.
func (k Key) Open(binding, sealed []byte) ([]byte, error) {
	return k.AppendOpen(nil, binding, sealed)
}

// AppendOpen is Open into a buffer: it appends the plaintext to dst and returns the result.
func (k Key) AppendOpen(dst, binding, sealed []byte) ([]byte, error) {
	if err := k.usable(); err != nil {
		return nil, err
	}
	if len(sealed) < Overhead || sealed[0] != formVersion {
		return nil, ErrDamaged
	}
	tag, nonce, body := sealed[1:1+tagSize], sealed[1+tagSize:1+tagSize+nonceSize], sealed[1+tagSize+nonceSize:]
	plaintext, err := k.material.aead.Open(dst, nonce, body, binding)
	own := subtle.ConstantTimeCompare(tag, k.material.tag[:]) == 1
	switch {
	case err == nil && own:
		return plaintext, nil
	case err != nil && !own:
		return nil, ErrErased
	}
	// Either the body does not open, or it does under this key although the tag names another.
	return nil, ErrDamaged
}
