package vault_test

import (
	"fmt"
	"testing"

	"github.com/signet-iam/signet/eventstore/vault"
)

func BenchmarkDigest(b *testing.B) {
	v := withDigestKey(b, newRing(b), newTable(), tenant)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Digest(b.Context(), tenant, "token", "a-token-of-the-usual-length-0123456789"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	key, _, err := newVault(b, newRing(b), newTable()).NewKey(tenant, "u1")
	if err != nil {
		b.Fatal(err)
	}
	binding, plaintext := make([]byte, 100), make([]byte, 120)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := key.Seal(binding, plaintext); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeys(b *testing.B) {
	const subjects = 20_000
	ring, rows := newRing(b), newTable()
	writer := newVault(b, ring, rows)
	names := make([]string, subjects)
	for i := range names {
		names[i] = fmt.Sprintf("3180%014d", i)
		addKey(b, writer, rows, names[i])
	}
	run := func(b *testing.B, of func() *vault.Vault) {
		b.ReportAllocs()
		for b.Loop() {
			keys, err := of().Keys(b.Context(), tenant, names)
			if err != nil || len(keys) != subjects {
				b.Fatal(len(keys), err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/subjects, "ns/key")
	}
	b.Run("cold", func(b *testing.B) { run(b, func() *vault.Vault { return newVault(b, ring, rows) }) })
	b.Run("cached", func(b *testing.B) { run(b, func() *vault.Vault { return writer }) })
}

func BenchmarkKeyCached(b *testing.B) {
	rows := newTable()
	v := newVault(b, newRing(b), rows)
	addKey(b, v, rows, "u1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Key(b.Context(), tenant, "u1"); err != nil {
			b.Fatal(err)
		}
	}
}
