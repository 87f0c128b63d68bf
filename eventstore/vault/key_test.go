package vault_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/eventstore/vault"
)

func TestSealedValueOpensOnlyAsSealed(t *testing.T) {
	t.Parallel()
	v := newVault(t, newRing(t), newTable())
	key, _, err := v.NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		binding := rapid.SliceOf(rapid.Byte()).Draw(t, "binding")
		sealed, err := key.Seal(binding, plaintext)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) != len(plaintext)+vault.Overhead {
			t.Errorf("sealed %d bytes into %d", len(plaintext), len(sealed))
		}
		opened, err := key.Open(binding, sealed)
		if err != nil || !bytes.Equal(opened, plaintext) {
			t.Fatalf("Open = %x, %v; want %x", opened, err, plaintext)
		}

		damaged := bytes.Clone(sealed)
		damaged[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		wantDamaged(t, key, binding, damaged)
		wantDamaged(t, key, binding, sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "cut")])
		wantDamaged(t, key, append(bytes.Clone(binding), 0), sealed)
	})
}

func wantDamaged(t *rapid.T, key vault.Key, binding, sealed []byte) {
	t.Helper()
	if opened, err := key.Open(binding, sealed); !errors.Is(err, vault.ErrDamaged) || opened != nil {
		t.Errorf("Open = %x, %v; want ErrDamaged", opened, err)
	}
}

func TestSealNeverRepeats(t *testing.T) {
	t.Parallel()
	key, _, err := newVault(t, newRing(t), newTable()).NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for range 1000 {
		nonce := string(seal(t, key, "binding", "plaintext")[5:17])
		if seen[nonce] {
			t.Fatal("a nonce repeats")
		}
		seen[nonce] = true
	}
}

func TestAppendOpenAppends(t *testing.T) {
	t.Parallel()
	key, _, err := newVault(t, newRing(t), newTable()).NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := key.AppendOpen([]byte("before "), []byte("b"), seal(t, key, "b", "after"))
	if err != nil || string(opened) != "before after" {
		t.Errorf("AppendOpen = %q, %v", opened, err)
	}
}

func TestZeroKeySealsAndOpensNothing(t *testing.T) {
	t.Parallel()
	var key vault.Key
	if !key.IsZero() {
		t.Error("the zero Key is not zero")
	}
	_, err := key.Seal(nil, []byte("x"))
	wantError(t, err, vault.ErrErased)
	_, err = key.Open(nil, make([]byte, 100))
	wantError(t, err, vault.ErrErased)
}

func TestEarlierKeyIsToldFromDamage(t *testing.T) {
	t.Parallel()
	v := newVault(t, newRing(t), newTable())
	before, _, err := v.NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := v.NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = after.Open([]byte("b"), seal(t, before, "b", "old"))
	wantError(t, err, vault.ErrErased)
}

func TestNoRandomnessNoKeys(t *testing.T) {
	t.Parallel()
	broken := errors.New("no randomness")
	v := newVault(t, newRing(t), newTable(), vault.WithRandom(iotest.ErrReader(broken)))
	_, _, err := v.NewKey(tenant, "u1")
	wantError(t, err, broken)
}

// The forms are stored for ever: what was written once must open with every later version.
func TestStoredFormsOpenForEver(t *testing.T) {
	t.Parallel()
	const (
		wrapped = "0106676f6c64656ed608e86c5b077b92988529d799179724bdecc6fe522a89e4f50c5fb04f503308b1a58e98" +
			"9d8895b416ff364b33bf8f89a1ccf4ba1e749e06789d745559bc8ee1"
		sealed    = "011c03fea22b9bb39528c6f3feff5f8b650f70a72c201a5536ef16d018715551efe55b2f3f0612b03058"
		digestKey = "0106676f6c64656e2f5f7e8496934152dc5aa6ac75bb7de01481c6290504622ab38435806f9e9aee8ff6f6af" +
			"b454314634d4aa8c6c217f77aefb7e6998a3cd8874ad4d84e7559fbd"
		digest = "e870335c67912b6084d99e160ef87147fc183f438b494c784ab135f8cca4e859"
	)
	ring, err := vault.ParseRing("golden:" + keyA)
	if err != nil {
		t.Fatal(err)
	}
	rows := newTable()
	rows.set(tenant, "u1", unhex(t, wrapped))
	v := newVault(t, ring, rows)
	key, err := v.Key(t.Context(), tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	wantOpen(t, key, "binding", unhex(t, sealed), "plaintext")

	rows.set(tenant, vault.DigestSubject, unhex(t, digestKey))
	got, err := v.Digest(t.Context(), tenant, "username", "ada")
	if err != nil || hex.EncodeToString(got) != digest {
		t.Errorf("Digest = %x, %v; want %s", got, err, digest)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
