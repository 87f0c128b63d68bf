package vault_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/signet-iam/signet/eventstore/vault"
)

// table is a KeyStore in memory.
type table struct {
	mu    sync.Mutex
	rows  map[[2]string][]byte
	reads [][]string    // subjects of each statement
	pause chan struct{} // when set, a statement reads, then waits for a send
}

func newTable() *table { return &table{rows: make(map[[2]string][]byte)} }

func (t *table) DataKeys(ctx context.Context, tenant string, subjects []string) (map[string][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.reads = append(t.reads, slices.Clone(subjects))
	found := make(map[string][]byte)
	for _, subject := range subjects {
		if wrapped, exists := t.rows[[2]string{tenant, subject}]; exists {
			found[subject] = wrapped
		}
	}
	pause := t.pause
	t.mu.Unlock()
	if pause != nil {
		pause <- struct{}{}
		<-pause
	}
	return found, nil
}

func (t *table) Ensure(_ context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if stored, exists := t.rows[[2]string{tenant, subject}]; exists {
		return stored, nil
	}
	t.rows[[2]string{tenant, subject}] = wrapped
	return wrapped, nil
}

func (t *table) set(tenant, subject string, wrapped []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows[[2]string{tenant, subject}] = wrapped
}

func (t *table) erase(tenant, subject string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, [2]string{tenant, subject})
}

func (t *table) statements() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.reads)
}

func (t *table) rewrap(rewrap func(tenant, subject string, wrapped []byte) ([]byte, error)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for row, wrapped := range maps.Clone(t.rows) {
		next, err := rewrap(row[0], row[1], wrapped)
		if err != nil {
			return err
		}
		t.rows[row] = next
	}
	return nil
}

const tenant = "default"

func newRing(t testing.TB) *vault.Ring {
	t.Helper()
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newVault(t testing.TB, ring *vault.Ring, keys vault.KeyStore, opts ...vault.Option) *vault.Vault {
	t.Helper()
	v, err := vault.New(ring, keys, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// addKey gives a subject a data key, as an append would.
func addKey(t testing.TB, v *vault.Vault, rows *table, subject string) vault.Key {
	t.Helper()
	key, wrapped, err := v.NewKey(tenant, subject)
	if err != nil {
		t.Fatal(err)
	}
	rows.set(tenant, subject, wrapped)
	return key
}

func seal(t testing.TB, key vault.Key, binding, plaintext string) []byte {
	t.Helper()
	sealed, err := key.Seal([]byte(binding), []byte(plaintext))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func wantOpen(t testing.TB, key vault.Key, binding string, sealed []byte, want string) {
	t.Helper()
	opened, err := key.Open([]byte(binding), sealed)
	if err != nil || string(opened) != want {
		t.Errorf("Open = %q, %v; want %q", opened, err, want)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v; want %v", err, want)
	}
}
