package vault

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// KeyStore reads wrapped data keys. *eventstore.Store is one.
type KeyStore interface {
	DataKeys(ctx context.Context, tenant string, subjects []string) (map[string][]byte, error)
}

// Vault hands out data keys and keyed digests. It is safe for concurrent use; it caches unwrapped keys, bounded.
type Vault struct {
	ring    atomic.Pointer[Ring]
	store   KeyStore
	random  io.Reader
	now     func() time.Time
	cache   *cache
	digests sync.Map // tenant → *digester
}

// Option sets what New would otherwise choose itself.
type Option func(*options)

type options struct {
	random io.Reader
	now    func() time.Time
	size   int
	age    time.Duration
}

// WithRandom replaces crypto/rand as the source of keys and nonces. The reader must be safe for concurrent use; one
// that ever repeats itself breaks the encryption.
func WithRandom(r io.Reader) Option { return func(o *options) { o.random = r } }

// WithClock replaces time.Now, which ages the cache.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithCache bounds the cache: about size keys of 1 KB each, none older than age. Without it 16,384 keys and 5 minutes.
func WithCache(size int, age time.Duration) Option {
	return func(o *options) { o.size, o.age = size, age }
}

// New makes a vault on a ring of master keys and the store of wrapped data keys. It reads nothing yet: EnsureDigestKey
// finds out whether the ring fits the database.
func New(ring *Ring, keys KeyStore, opts ...Option) (*Vault, error) {
	if ring == nil || keys == nil {
		return nil, errors.New("vault: New needs a ring and a key store")
	}
	o := options{random: rand.Reader, now: time.Now, size: 16_384, age: 5 * time.Minute}
	for _, set := range opts {
		set(&o)
	}
	if o.random == nil || o.now == nil || o.size <= 0 || o.age <= 0 {
		return nil, errors.New("vault: an option is nil or not positive")
	}
	v := &Vault{store: keys, random: o.random, now: o.now, cache: newCache(o.size, o.age)}
	v.ring.Store(ring)
	return v, nil
}

// NewKey makes a data key for a subject and its wrapped form, which the caller appends with the subject's first events
// (eventstore.Change.Keys). The vault knows the key only once it is read back or Remember is called after the append.
func (v *Vault) NewKey(tenant, subjectID string) (Key, []byte, error) {
	data, wrapped, err := v.newBundle(subject{tenant, subjectID})
	if err != nil {
		return Key{}, nil, err
	}
	return v.key(data), wrapped, nil
}

func (v *Vault) newBundle(row subject) (*bundle, []byte, error) {
	data := new(bundle)
	if _, err := io.ReadFull(v.random, data[:]); err != nil {
		return nil, nil, fmt.Errorf("vault: read random bytes: %w", err)
	}
	wrapped, err := v.ring.Load().newest().wrap(v.random, row, data)
	if err != nil {
		return nil, nil, err
	}
	return data, wrapped, nil
}

func (v *Vault) key(data *bundle) Key {
	key := Key{&material{aead: newAEAD(data.key()), tag: data.tag(), random: v.random}}
	clear(data[:])
	return key
}

// Remember caches a key from NewKey. Only for keys whose append is acknowledged: after a refused one the subject's
// key is another.
func (v *Vault) Remember(tenant, subjectID string, key Key) {
	if key.usable() == nil {
		v.cache.put(subject{tenant, subjectID}, key, v.now(), v.cache.epoch.Load())
	}
}

// Learner returns a function that caches the keys of a read that begins now, given in their wrapped form. A key that cannot be
// unwrapped is left for Key to judge.
func (v *Vault) Learner() func(tenant, subjectID string, wrapped []byte) {
	epoch := v.cache.epoch.Load()
	return func(tenant, subjectID string, wrapped []byte) {
		row, now := subject{tenant, subjectID}, v.now()
		if _, cached := v.cache.get(row, now); cached {
			return
		}
		if data, err := v.unwrap(row, wrapped); err == nil {
			v.cache.put(row, v.key(data), now, epoch)
		}
	}
}

// Forget drops a subject's key from the cache, after its row was deleted or replaced.
func (v *Vault) Forget(tenant, subjectID string) { v.cache.forget(subject{tenant, subjectID}) }

// Key returns a subject's data key: ErrErased when it has none, ErrDamaged when its row was changed.
func (v *Vault) Key(ctx context.Context, tenant, subjectID string) (Key, error) {
	if key, cached := v.cache.get(subject{tenant, subjectID}, v.now()); cached {
		return key, nil
	}
	keys, err := v.read(ctx, tenant, []string{subjectID})
	if err != nil {
		return Key{}, err
	}
	key := keys[subjectID]
	return key, key.usable()
}

// Keys returns the keys that exist, reading those not cached in one statement. A key whose row was changed does not
// fail the others: it is in the map, and every use of it returns ErrDamaged.
func (v *Vault) Keys(ctx context.Context, tenant string, subjects []string) (map[string]Key, error) {
	found := make(map[string]Key, len(subjects))
	var missing []string
	now := v.now()
	for _, id := range subjects {
		if key, cached := v.cache.get(subject{tenant, id}, now); cached {
			found[id] = key
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	read, err := v.read(ctx, tenant, missing)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return read, nil
	}
	for id, key := range read {
		found[id] = key
	}
	return found, nil
}

// read fetches and unwraps keys and caches them.
func (v *Vault) read(ctx context.Context, tenant string, subjects []string) (map[string]Key, error) {
	epoch := v.cache.epoch.Load()
	rows, err := v.store.DataKeys(ctx, tenant, subjects)
	if err != nil {
		return nil, fmt.Errorf("vault: read data keys: %w", err)
	}
	keys := make(map[string]Key, len(rows))
	now := v.now()
	for id, wrapped := range rows {
		data, err := v.unwrap(subject{tenant, id}, wrapped)
		switch {
		case errors.Is(err, ErrDamaged):
			keys[id] = Key{&material{broken: err}}
		case err != nil:
			return nil, err
		default:
			keys[id] = v.key(data)
			v.cache.put(subject{tenant, id}, keys[id], now, epoch)
		}
	}
	return keys, nil
}
