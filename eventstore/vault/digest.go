package vault

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"sync"
)

// DigestSubject is the subject of a tenant's digest key.
const DigestSubject = "#digest"

// digester computes a tenant's keyed digests. Its pool holds keyed hashes, so that a digest pays no key schedule.
type digester struct{ states sync.Pool }

type digestState struct {
	mac   hash.Hash
	input []byte
}

func newDigester(data *bundle) *digester {
	key := *data
	clear(data[:])
	return &digester{states: sync.Pool{New: func() any {
		return &digestState{mac: hmac.New(sha256.New, key.key())}
	}}}
}

func (d *digester) sum(purpose, value string) []byte {
	state := d.states.Get().(*digestState)
	defer d.states.Put(state)
	// The length keeps purposes apart: ("a", "bc") is another input than ("ab", "c").
	state.input = binary.BigEndian.AppendUint32(state.input[:0], uint32(len(purpose)))
	state.input = append(state.input, purpose...)
	state.input = append(state.input, value...)
	state.mac.Reset()
	state.mac.Write(state.input)
	clear(state.input)
	return state.mac.Sum(make([]byte, 0, sha256.Size))
}

// Digest is a keyed digest (HMAC-SHA-256) for claims, codes and tokens. The key belongs to the tenant, is itself a data
// key (subject DigestSubject) and survives master key rotation. Digests of different purposes have nothing in common.
// Compare digests with hmac.Equal. ErrNoDigestKey before EnsureDigestKey.
func (v *Vault) Digest(ctx context.Context, tenant, purpose, value string) ([]byte, error) {
	if known, cached := v.digests.Load(tenant); cached {
		return known.(*digester).sum(purpose, value), nil
	}
	rows, err := v.store.DataKeys(ctx, tenant, []string{DigestSubject})
	if err != nil {
		return nil, fmt.Errorf("vault: read digest key: %w", err)
	}
	wrapped, exists := rows[DigestSubject]
	if !exists {
		return nil, ErrNoDigestKey
	}
	d, err := v.openDigester(tenant, wrapped)
	if err != nil {
		return nil, err
	}
	return d.sum(purpose, value), nil
}

// Ensure stores a wrapped data key unless the subject has one, and returns the one that is stored.
type Ensure func(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error)

// EnsureDigestKey gives a tenant its digest key if it has none. It opens the key that is stored, and so finds out at
// start whether the ring fits the database: ErrWrongKey.
func (v *Vault) EnsureDigestKey(ctx context.Context, tenant string, ensure Ensure) error {
	_, wrapped, err := v.newBundle(subject{tenant, DigestSubject})
	if err != nil {
		return err
	}
	stored, err := ensure(ctx, tenant, DigestSubject, wrapped)
	if err != nil {
		return fmt.Errorf("vault: store digest key: %w", err)
	}
	_, err = v.openDigester(tenant, stored)
	return err
}

// openDigester keeps a tenant's digester for ever: its key never changes, and tenants are few.
func (v *Vault) openDigester(tenant string, wrapped []byte) (*digester, error) {
	data, err := v.unwrap(subject{tenant, DigestSubject}, wrapped)
	if err != nil {
		return nil, fmt.Errorf("vault: open digest key: %w", err)
	}
	kept, _ := v.digests.LoadOrStore(tenant, newDigester(data))
	return kept.(*digester), nil
}
