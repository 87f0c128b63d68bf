package vault_test

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/signet-iam/signet/eventstore/vault"
)

func digest(t testing.TB, v *vault.Vault, tenant, purpose, value string) []byte {
	t.Helper()
	sum, err := v.Digest(t.Context(), tenant, purpose, value)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func withDigestKey(t testing.TB, ring *vault.Ring, rows *table, tenants ...string) *vault.Vault {
	t.Helper()
	v := newVault(t, ring, rows)
	for _, tenant := range tenants {
		if err := v.EnsureDigestKey(t.Context(), tenant, rows.Ensure); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func TestDigestTellsInputsApart(t *testing.T) {
	t.Parallel()
	v := withDigestKey(t, newRing(t), newTable(), "a", "b")
	seen := make(map[string]string)
	for _, input := range [][3]string{
		{"a", "username", "ada"}, {"b", "username", "ada"}, {"a", "token", "ada"}, {"a", "username", "Ada"},
		{"a", "usernamea", "da"}, {"a", "usernam", "eada"}, {"a", "", "usernameada"}, {"a", "usernameada", ""},
		{"a", "", ""}, {"a", "\x00", ""}, {"a", "", "\x00"},
	} {
		sum := digest(t, v, input[0], input[1], input[2])
		if len(sum) != 32 {
			t.Fatalf("digest has %d bytes", len(sum))
		}
		if other, taken := seen[string(sum)]; taken {
			t.Errorf("%q and %s have one digest", input, other)
		}
		seen[string(sum)] = fmt.Sprintf("%q", input)
	}
}

func TestDigestIsTheSameInEveryProcess(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	first := digest(t, withDigestKey(t, ring, rows, tenant), tenant, "p", "v")
	for name, other := range map[string]*vault.Vault{
		"reads the key":        newVault(t, ring, rows),
		"would have made one":  withDigestKey(t, ring, rows, tenant),
		"made one and lost it": withDigestKey(t, ring, rows, tenant, tenant),
	} {
		if !hmac.Equal(digest(t, other, tenant, "p", "v"), first) {
			t.Errorf("%s: another digest", name)
		}
	}
}

func TestDigestReadsItsKeyOnce(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	withDigestKey(t, ring, rows, tenant)
	v := newVault(t, ring, rows)
	for range 10 {
		digest(t, v, tenant, "p", "v")
	}
	if n := rows.statements(); n != 1 {
		t.Errorf("%d statements; want 1", n)
	}
}

func TestDigestNeedsItsKey(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows)
	_, err := v.Digest(t.Context(), tenant, "p", "v")
	wantError(t, err, vault.ErrNoDigestKey)

	// A miss is not remembered.
	if err := withDigestKey(t, newRing(t), newTable()).EnsureDigestKey(t.Context(), tenant, rows.Ensure); err != nil {
		t.Fatal(err)
	}
	_, err = v.Digest(t.Context(), tenant, "p", "v")
	wantError(t, err, vault.ErrWrongKey)
}

func TestEnsureDigestKeyPassesErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("no store")
	v := newVault(t, newRing(t), newTable())
	err := v.EnsureDigestKey(t.Context(), tenant, func(context.Context, string, string, []byte) ([]byte, error) {
		return nil, broken
	})
	wantError(t, err, broken)
}

func TestDigestUnderConcurrency(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	sums := make(map[string][]byte)
	v := withDigestKey(t, ring, rows, tenant)
	for i := range 50 {
		value := fmt.Sprint(i)
		sums[value] = digest(t, v, tenant, "p", value)
	}
	cold := newVault(t, ring, rows)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for value, want := range sums {
				if got, err := cold.Digest(context.Background(), tenant, "p", value); err != nil || !slices.Equal(got, want) {
					t.Errorf("Digest = %x, %v", got, err)
				}
			}
		})
	}
	workers.Wait()
}
