package vault_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/eventstore/vault"
)

func TestNewRefusesIncompleteVaults(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	for name, make := range map[string]func() (*vault.Vault, error){
		"no ring":   func() (*vault.Vault, error) { return vault.New(nil, rows) },
		"no store":  func() (*vault.Vault, error) { return vault.New(ring, nil) },
		"no cache":  func() (*vault.Vault, error) { return vault.New(ring, rows, vault.WithCache(0, time.Second)) },
		"no age":    func() (*vault.Vault, error) { return vault.New(ring, rows, vault.WithCache(1, 0)) },
		"no clock":  func() (*vault.Vault, error) { return vault.New(ring, rows, vault.WithClock(nil)) },
		"no random": func() (*vault.Vault, error) { return vault.New(ring, rows, vault.WithRandom(nil)) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestKeyIsReadBackByEveryVault(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	sealed := seal(t, addKey(t, newVault(t, ring, rows), rows, "u1"), "b", "secret")

	other := newVault(t, ring, rows)
	for range 3 {
		key, err := other.Key(t.Context(), tenant, "u1")
		if err != nil {
			t.Fatal(err)
		}
		wantOpen(t, key, "b", sealed, "secret")
	}
	if n := rows.statements(); n != 1 {
		t.Errorf("%d statements; want 1", n)
	}
}

func TestKeyOfNobodyIsErased(t *testing.T) {
	t.Parallel()
	v := newVault(t, newRing(t), newTable())
	key, err := v.Key(t.Context(), tenant, "u1")
	wantError(t, err, vault.ErrErased)
	if !key.IsZero() {
		t.Error("a key came with the error")
	}
}

func TestKeyStoreErrorsPassThrough(t *testing.T) {
	t.Parallel()
	v := newVault(t, newRing(t), newTable())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := v.Key(ctx, tenant, "u1")
	wantError(t, err, context.Canceled)
	_, err = v.Keys(ctx, tenant, []string{"u1"})
	wantError(t, err, context.Canceled)
	_, err = v.Digest(ctx, tenant, "p", "v")
	wantError(t, err, context.Canceled)
}

func TestNewKeyIsUnknownUntilRemembered(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows)
	key, _, err := v.NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Key(t.Context(), tenant, "u1")
	wantError(t, err, vault.ErrErased)

	v.Remember(tenant, "u1", key)
	v.Remember(tenant, "u2", vault.Key{}) // nothing to remember
	if got, err := v.Key(t.Context(), tenant, "u1"); err != nil || got != key {
		t.Errorf("Key = %v, %v; want the remembered one", got, err)
	}
	_, err = v.Key(t.Context(), tenant, "u2")
	wantError(t, err, vault.ErrErased)
}

func TestKeysReadsWhatIsMissingInOneStatement(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	writer := newVault(t, ring, rows)
	for i := range 10 {
		addKey(t, writer, rows, fmt.Sprintf("u%d", i))
	}
	v := newVault(t, ring, rows)
	if _, err := v.Key(t.Context(), tenant, "u3"); err != nil {
		t.Fatal(err)
	}
	keys, err := v.Keys(t.Context(), tenant, []string{"u1", "u3", "u5", "erased"})
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 3 || keys["u1"].IsZero() || keys["u3"].IsZero() || keys["u5"].IsZero() {
		t.Errorf("keys = %v; want u1, u3 and u5", keys)
	}
	if want := [][]string{{"u3"}, {"u1", "u5", "erased"}}; !slices.EqualFunc(rows.reads, want, slices.Equal) {
		t.Errorf("statements for %q; want %q", rows.reads, want)
	}
}

func TestKeysAreApartByTenant(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows)
	addKey(t, v, rows, "u1")
	if _, err := v.Key(t.Context(), tenant, "u1"); err != nil {
		t.Fatal(err)
	}
	_, err := v.Key(t.Context(), "other", "u1")
	wantError(t, err, vault.ErrErased)
}

func TestOneDamagedRowFailsAlone(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	writer := newVault(t, ring, rows)
	if err := writer.EnsureDigestKey(t.Context(), tenant, rows.Ensure); err != nil {
		t.Fatal(err) // the ring is known to fit from here on
	}
	sealed := seal(t, addKey(t, writer, rows, "u1"), "b", "secret")
	addKey(t, writer, rows, "u2")
	wrapped := rows.rows[[2]string{tenant, "u2"}]

	rapid.Check(t, func(t *rapid.T) {
		damaged := slices.Clone(wrapped)
		at := rapid.IntRange(0, len(wrapped)-1).Draw(t, "at")
		if damaged[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip")); at >= 2 && at < 2+int(wrapped[1]) {
			return // another master key's name: see TestWrongRing
		}
		rows.set(tenant, "u2", damaged)
		v, err := vault.New(ring, rows)
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Key(context.Background(), tenant, "u2")
		wantErrorIn(t, err, vault.ErrDamaged)

		keys, err := v.Keys(context.Background(), tenant, []string{"u1", "u2"})
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := keys["u1"].Open([]byte("b"), sealed); err != nil || string(opened) != "secret" {
			t.Errorf("u1: Open = %q, %v", opened, err)
		}
		_, err = keys["u2"].Open([]byte("b"), sealed)
		wantErrorIn(t, err, vault.ErrDamaged)
		_, err = keys["u2"].Seal([]byte("b"), nil)
		wantErrorIn(t, err, vault.ErrDamaged)
	})
}

func wantErrorIn(t *rapid.T, err, want error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want.Error()) {
		t.Errorf("error is %v; want %v", err, want)
	}
}

func TestWrappedKeyOpensOnlyInItsRow(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows)
	if err := v.EnsureDigestKey(t.Context(), tenant, rows.Ensure); err != nil {
		t.Fatal(err)
	}
	addKey(t, v, rows, "u1")
	wrapped := rows.rows[[2]string{tenant, "u1"}]
	for _, row := range [][2]string{{tenant, "u2"}, {"other", "u1"}, {"tenant2", "u1"}, {tenant + "u", "1"}, {tenant, vault.DigestSubject}} {
		rows.set(row[0], row[1], wrapped)
		_, err := v.Key(t.Context(), row[0], row[1])
		wantError(t, err, vault.ErrDamaged)
		_, err = v.Rewrap(row[0], row[1], wrapped)
		wantError(t, err, vault.ErrDamaged)
	}
}

func TestWrongRing(t *testing.T) {
	t.Parallel()
	rows := newTable()
	ring, err := vault.ParseRing("one:" + keyA)
	if err != nil {
		t.Fatal(err)
	}
	first := newVault(t, ring, rows)
	if err := first.EnsureDigestKey(t.Context(), tenant, rows.Ensure); err != nil {
		t.Fatal(err)
	}
	addKey(t, first, rows, "u1")

	for name, text := range map[string]string{
		"same id, other key": "one:" + keyB,
		"same key, other id": "two:" + keyA,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ring, err := vault.ParseRing(text)
			if err != nil {
				t.Fatal(err)
			}
			v := newVault(t, ring, rows)
			_, byKey := v.Key(t.Context(), tenant, "u1")
			_, byKeys := v.Keys(t.Context(), tenant, []string{"u1"})
			_, byDigest := v.Digest(t.Context(), tenant, "p", "v")
			for _, err := range []error{byKey, byKeys, byDigest, v.EnsureDigestKey(t.Context(), tenant, rows.Ensure)} {
				wantError(t, err, vault.ErrWrongKey)
				if err != nil && !strings.Contains(err.Error(), `"one"`) {
					t.Errorf("error %q does not name the key that is wanted", err)
				}
			}
		})
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	path := keyFile(t, "old:"+keyA+"\n", 0o600)
	rows := newTable()
	load := func() *vault.Ring {
		ring, err := vault.LoadRing(path, false)
		if err != nil {
			t.Fatal(err)
		}
		return ring
	}
	running := newVault(t, load(), rows)
	if err := running.EnsureDigestKey(t.Context(), tenant, rows.Ensure); err != nil {
		t.Fatal(err)
	}
	digest, err := running.Digest(t.Context(), tenant, "p", "v")
	if err != nil {
		t.Fatal(err)
	}
	sealed := make(map[string][]byte)
	for i := range 20 {
		subject := fmt.Sprintf("u%d", i)
		sealed[subject] = seal(t, addKey(t, running, rows, subject), "b", subject)
	}

	rotated, err := vault.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.rewrap(newVault(t, rotated, rows).Rewrap); err != nil {
		t.Fatal(err)
	}
	for row, wrapped := range rows.rows {
		if id, err := vault.MasterID(wrapped); err != nil || id != rotated.Newest() {
			t.Errorf("%v is wrapped by %q, %v", row, id, err)
		}
	}

	late := seal(t, addKey(t, running, rows, "late"), "b", "late") // the running process still wraps with the old key
	sealed["late"] = late
	wantAllOpen(t, running, sealed, digest) // it meets the new key and reads the file again
	wantAllOpen(t, newVault(t, load(), rows), sealed, digest)

	if err := rows.rewrap(newVault(t, rotated, rows).Rewrap); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Prune(path, nil); err != nil {
		t.Fatal(err)
	}
	wantAllOpen(t, newVault(t, load(), rows), sealed, digest)
}

func wantAllOpen(t *testing.T, v *vault.Vault, sealed map[string][]byte, digest []byte) {
	t.Helper()
	for subject, value := range sealed {
		key, err := v.Key(t.Context(), tenant, subject)
		if err != nil {
			t.Fatal(err)
		}
		wantOpen(t, key, "b", value, subject)
	}
	if again, err := v.Digest(t.Context(), tenant, "p", "v"); err != nil || !slices.Equal(again, digest) {
		t.Errorf("Digest = %x, %v; want %x", again, err, digest)
	}
}

func TestRewrapLeavesTheNewestAlone(t *testing.T) {
	t.Parallel()
	v := newVault(t, newRing(t), newTable())
	_, wrapped, err := v.NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := v.Rewrap(tenant, "u1", wrapped)
	if err != nil || !slices.Equal(again, wrapped) {
		t.Errorf("Rewrap = %x, %v; want the same", again, err)
	}
}

func TestUnreadableKeyFileAfterRotation(t *testing.T) {
	t.Parallel()
	path := keyFile(t, "old:"+keyA+"\n", 0o600)
	ring, err := vault.LoadRing(path, false)
	if err != nil {
		t.Fatal(err)
	}
	rows := newTable()
	v := newVault(t, ring, rows)
	rotated, err := vault.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	addKey(t, newVault(t, rotated, rows), rows, "u1")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = v.Key(t.Context(), tenant, "u1")
	wantError(t, err, vault.ErrWrongKey)
	wantError(t, err, os.ErrNotExist)
}

func TestForgetEndsAKey(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows)
	addKey(t, v, rows, "u1")
	if _, err := v.Key(t.Context(), tenant, "u1"); err != nil {
		t.Fatal(err)
	}
	rows.erase(tenant, "u1")
	v.Forget(tenant, "u1")
	_, err := v.Key(t.Context(), tenant, "u1")
	wantError(t, err, vault.ErrErased)
}

// A reader may hold the row of a key in its hands while another erases it: what it read must not outlive Forget.
func TestForgetOutrunsAReadUnderWay(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows)
	addKey(t, v, rows, "u1")

	rows.pause = make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { _, _ = v.Key(context.Background(), tenant, "u1") })
	<-rows.pause // the reader has the row
	rows.erase(tenant, "u1")
	v.Forget(tenant, "u1")
	rows.pause <- struct{}{}
	reader.Wait()

	rows.mu.Lock()
	rows.pause = nil
	rows.mu.Unlock()
	_, err := v.Key(t.Context(), tenant, "u1")
	wantError(t, err, vault.ErrErased)
}

func TestLearnedKeysNeedNoStatement(t *testing.T) {
	t.Parallel()
	ring, rows := newRing(t), newTable()
	sealed := seal(t, addKey(t, newVault(t, ring, rows), rows, "u1"), "b", "secret")
	wrapped := rows.rows[[2]string{tenant, "u1"}]

	v := newVault(t, ring, rows)
	learn := v.Learner()
	learn(tenant, "u1", wrapped)
	learn(tenant, "u2", wrapped) // not its key
	learn(tenant, "u3", nil)
	key, err := v.Key(t.Context(), tenant, "u1")
	if err != nil || rows.statements() != 0 {
		t.Fatalf("%v after %d statements; want a key without any", err, rows.statements())
	}
	wantOpen(t, key, "b", sealed, "secret")
	for _, stranger := range []string{"u2", "u3"} {
		_, err := v.Key(t.Context(), tenant, stranger)
		wantError(t, err, vault.ErrErased)
	}
}

// What was read before a key was forgotten must not be learned after it.
func TestForgetOutrunsALearner(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows)
	addKey(t, v, rows, "u1")
	wrapped := rows.rows[[2]string{tenant, "u1"}]
	learn := v.Learner()
	rows.erase(tenant, "u1")
	v.Forget(tenant, "u1")
	learn(tenant, "u1", wrapped)
	_, err := v.Key(t.Context(), tenant, "u1")
	wantError(t, err, vault.ErrErased)
}

func TestCacheForgetsOldKeys(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rows := newTable()
	v := newVault(t, newRing(t), rows, vault.WithClock(func() time.Time { return now }), vault.WithCache(100, time.Minute))
	addKey(t, v, rows, "u1")
	if _, err := v.Key(t.Context(), tenant, "u1"); err != nil {
		t.Fatal(err)
	}
	rows.erase(tenant, "u1") // by a process this one never hears of

	now = now.Add(time.Minute - 1)
	if _, err := v.Key(t.Context(), tenant, "u1"); err != nil {
		t.Errorf("within its age the key is gone: %v", err)
	}
	now = now.Add(1)
	_, err := v.Key(t.Context(), tenant, "u1")
	wantError(t, err, vault.ErrErased)
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows, vault.WithCache(64, time.Hour))
	var subjects []string
	for i := range 1000 {
		subject := fmt.Sprintf("u%d", i)
		addKey(t, v, rows, subject)
		subjects = append(subjects, subject)
	}
	for range 3 {
		keys, err := v.Keys(t.Context(), tenant, subjects)
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) != len(subjects) {
			t.Fatalf("%d keys; want %d", len(keys), len(subjects))
		}
	}
	if n := rows.statements(); n != 3 {
		t.Errorf("%d statements; want 3", n)
	}
	for _, read := range rows.reads {
		if len(read) < len(subjects)-64 {
			t.Errorf("only %d of %d subjects were read: the cache holds more than 64", len(read), len(subjects))
		}
	}
}

func TestCacheKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows, vault.WithCache(64, time.Hour))
	addKey(t, v, rows, "hot")
	for i := range 1000 {
		subject := fmt.Sprintf("u%d", i)
		addKey(t, v, rows, subject)
		for _, subject := range []string{subject, "hot"} {
			if _, err := v.Key(t.Context(), tenant, subject); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := rows.statements(); n != 1001 {
		t.Errorf("%d statements; want one for each of 1001 keys", n)
	}
}

func TestVaultUnderConcurrency(t *testing.T) {
	t.Parallel()
	rows := newTable()
	v := newVault(t, newRing(t), rows, vault.WithCache(32, time.Hour))
	sealed := make(map[string][]byte)
	for i := range 100 {
		subject := fmt.Sprintf("u%d", i)
		sealed[subject] = seal(t, addKey(t, v, rows, subject), "b", subject)
	}
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for subject, value := range sealed {
				key, err := v.Key(context.Background(), tenant, subject)
				if err != nil {
					t.Error(err)
					return
				}
				if opened, err := key.Open([]byte("b"), value); err != nil || string(opened) != subject {
					t.Errorf("Open = %q, %v", opened, err)
				}
				v.Forget(tenant, subject)
			}
		})
	}
	workers.Wait()
}
