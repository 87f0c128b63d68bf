package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"
	"sync/atomic"
)

const (
	formVersion = 1
	nonceSize   = 12
	tagSize     = 4
	overhead    = 16 // GCM's authentication tag
	bundleSize  = keySize + tagSize
)

// bundle is a data key in the clear: the key, then its tag.
type bundle [bundleSize]byte

func (b *bundle) key() []byte        { return b[:keySize] }
func (b *bundle) tag() [tagSize]byte { return [tagSize]byte(b[keySize:]) }

// master is one master key.
type master struct {
	id   string
	aead cipher.AEAD
	// proven is set once the key has opened something. A failure before that means the wrong key, after it a damaged
	// row.
	proven atomic.Bool
}

// newAEAD prepares AES-256-GCM.
func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) //nolint:forbidigo // the key is not 32 bytes long, which every caller has made sure of
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) //nolint:forbidigo // AES is not a block cipher of 128 bits any more
	}
	return aead
}

// wrap encrypts a data key under m for one row.
func (m *master) wrap(random io.Reader, row subject, data *bundle) ([]byte, error) {
	wrapped := make([]byte, 0, 2+len(m.id)+nonceSize+bundleSize+overhead)
	wrapped = append(wrapped, formVersion, byte(len(m.id)))
	wrapped = append(wrapped, m.id...)
	nonce := wrapped[len(wrapped) : len(wrapped)+nonceSize]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("vault: read random bytes: %w", err)
	}
	binding := wrapBinding(wrapped, row)
	return m.aead.Seal(wrapped[:len(wrapped)+nonceSize], nonce, data[:], binding), nil
}

// wrapBinding authenticates the head (version and master key) and the row a wrapped key belongs to.
func wrapBinding(head []byte, row subject) []byte {
	binding := make([]byte, 0, len(head)+8+len(row.tenant)+len(row.id))
	binding = append(binding, head...)
	binding = binary.BigEndian.AppendUint32(binding, uint32(len(row.tenant)))
	binding = append(binding, row.tenant...)
	binding = binary.BigEndian.AppendUint32(binding, uint32(len(row.id)))
	return append(binding, row.id...)
}

// split cuts a wrapped key into its parts.
func split(wrapped []byte) (head, nonce, sealed []byte, err error) {
	if len(wrapped) < 2 || wrapped[0] != formVersion {
		return nil, nil, nil, fmt.Errorf("%w: not a wrapped key of a known form", ErrDamaged)
	}
	size := 2 + int(wrapped[1])
	if len(wrapped) != size+nonceSize+bundleSize+overhead || !validMasterID(string(wrapped[2:size])) {
		return nil, nil, nil, fmt.Errorf("%w: not a wrapped key", ErrDamaged)
	}
	return wrapped[:size], wrapped[size : size+nonceSize], wrapped[size+nonceSize:], nil
}

// MasterID returns the id of the master key that wrapped a data key.
func MasterID(wrapped []byte) (string, error) {
	head, _, _, err := split(wrapped)
	if err != nil {
		return "", err
	}
	return string(head[2:]), nil
}

// unwrap opens a wrapped key. ErrDamaged concerns this row alone, ErrWrongKey the whole ring.
func (v *Vault) unwrap(row subject, wrapped []byte) (*bundle, error) {
	head, nonce, sealed, err := split(wrapped)
	if err != nil {
		return nil, err
	}
	m, err := v.master(head[2:])
	if err != nil {
		return nil, err
	}
	data := new(bundle)
	if _, err := m.aead.Open(data[:0], nonce, sealed, wrapBinding(head, row)); err != nil {
		if m.proven.Load() {
			return nil, fmt.Errorf("%w: data key does not open", ErrDamaged)
		}
		return nil, fmt.Errorf("%w: the key %q at hand is another than the one of that name", ErrWrongKey, m.id)
	}
	m.proven.Store(true)
	return data, nil
}

// master finds a master key; for an unknown one it reads the key file again, which a rotation may have changed.
func (v *Vault) master(id []byte) (*master, error) {
	ring := v.ring.Load()
	if m := ring.keys[string(id)]; m != nil {
		return m, nil
	}
	if ring.path != "" {
		changed, err := readRing(ring.path)
		if err != nil {
			return nil, fmt.Errorf("%w: master key %q is missing, and reading the file again failed: %w", ErrWrongKey, id, err)
		}
		if m := changed.keys[string(id)]; m != nil {
			v.ring.Store(changed)
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w: master key %q is missing", ErrWrongKey, id)
}

// Rewrap re-wraps one wrapped data key under the ring's newest master key. A key that is wrapped so already comes back
// as it is.
func (v *Vault) Rewrap(tenant, subjectID string, wrapped []byte) ([]byte, error) {
	row := subject{tenant, subjectID}
	data, err := v.unwrap(row, wrapped)
	if err != nil {
		return nil, err
	}
	ring := v.ring.Load()
	if id, _ := MasterID(wrapped); id == ring.Newest() {
		return wrapped, nil
	}
	return ring.newest().wrap(v.random, row, data)
}
