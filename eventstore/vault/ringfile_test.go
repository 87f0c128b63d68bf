package vault_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/signet-iam/signet/eventstore/vault"
)

func keyFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.keys")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantOnly checks that a directory holds the key file, mode 0600, and no leftovers.
func wantOnly(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("directory holds %v; want only the key file", entries)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode is %v; want 0600", info.Mode())
	}
}

func TestLoadRingCreatesAtFirstStartOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.keys")

	_, err := vault.LoadRing(path, false)
	wantError(t, err, vault.ErrKeyFile)
	wantError(t, err, fs.ErrNotExist)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v does not name the file", err)
	}

	first, err := vault.LoadRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	wantOnly(t, path)
	text := read(t, path)

	again, err := vault.LoadRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, path) != text || !slices.Equal(first.IDs(), again.IDs()) {
		t.Error("a second start changed the key file")
	}
	wantSameKeys(t, first, again)
}

// wantSameKeys checks that what one ring wraps the other unwraps.
func wantSameKeys(t *testing.T, a, b *vault.Ring) {
	t.Helper()
	_, wrapped, err := newVault(t, a, newTable()).NewKey(tenant, "u1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newVault(t, b, newTable()).Rewrap(tenant, "u1", wrapped); err != nil {
		t.Error(err)
	}
}

func TestLoadRingRacesToOneKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.keys")
	rings := make([]*vault.Ring, 16)
	var starts sync.WaitGroup
	for i := range rings {
		starts.Go(func() {
			ring, err := vault.LoadRing(path, true)
			if err != nil {
				t.Error(err)
			}
			rings[i] = ring
		})
	}
	starts.Wait()
	if t.Failed() {
		return
	}
	for _, ring := range rings[1:] {
		wantSameKeys(t, rings[0], ring)
	}
	wantOnly(t, path)
}

func TestLoadRingRefusesOpenFiles(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666} {
		t.Run(fmt.Sprintf("%04o", mode), func(t *testing.T) {
			t.Parallel()
			path := keyFile(t, "a:"+keyA, mode)
			for name, use := range map[string]func() (*vault.Ring, error){
				"load":   func() (*vault.Ring, error) { return vault.LoadRing(path, true) },
				"rotate": func() (*vault.Ring, error) { return vault.Rotate(path) },
			} {
				_, err := use()
				wantError(t, err, vault.ErrKeyFile)
				if err == nil || !strings.Contains(err.Error(), "chmod 600") || !strings.Contains(err.Error(), path) {
					t.Errorf("%s: error %v does not say what to do", name, err)
				}
			}
		})
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		if _, err := vault.LoadRing(keyFile(t, "a:"+keyA, mode), false); err != nil {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestLoadRingRefusesWhatIsNoKeyFile(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "d")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"directory": directory,
		"empty":     keyFile(t, "", 0o600),
		"garbage":   keyFile(t, "garbage", 0o600),
	} {
		_, err := vault.LoadRing(path, true)
		wantError(t, err, vault.ErrKeyFile)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v does not name the file", name, err)
		}
	}
}

func TestRotateAddsAKeyAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{
		"line end":    "# kept\na:" + keyA + "\n",
		"no line end": "# kept\na:" + keyA,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := keyFile(t, before, 0o600)
			ring, err := vault.Rotate(path)
			if err != nil {
				t.Fatal(err)
			}
			wantOnly(t, path)
			if ids := ring.IDs(); len(ids) != 2 || ids[0] != "a" || ring.Newest() != ids[1] {
				t.Errorf("ids = %q; want a and a fresh one", ids)
			}
			if !strings.HasPrefix(read(t, path), before) {
				t.Error("rotation changed what was in the file")
			}
		})
	}
}

func TestRotateAtOnceLosesNoKey(t *testing.T) {
	t.Parallel()
	path := keyFile(t, "a:"+keyA+"\n", 0o600)
	var (
		rotations sync.WaitGroup
		mu        sync.Mutex
		made      = []string{"a"}
	)
	for range 16 {
		rotations.Go(func() {
			ring, err := vault.Rotate(path)
			if err != nil {
				wantError(t, err, vault.ErrKeyFile) // another one holds the file
				return
			}
			mu.Lock()
			defer mu.Unlock()
			made = append(made, ring.Newest())
		})
	}
	rotations.Wait()
	ring, err := vault.LoadRing(path, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range made {
		if !slices.Contains(ring.IDs(), id) {
			t.Errorf("key %q is lost", id)
		}
	}
	wantOnly(t, path)
}

func TestRotateRefuses(t *testing.T) {
	t.Parallel()
	t.Run("an unusable file, and leaves it", func(t *testing.T) {
		t.Parallel()
		path := keyFile(t, "garbage", 0o600)
		_, err := vault.Rotate(path)
		wantError(t, err, vault.ErrKeyFile)
		if read(t, path) != "garbage" {
			t.Error("the file changed")
		}
		wantOnly(t, path)
	})
	t.Run("after an interrupted rotation", func(t *testing.T) {
		t.Parallel()
		path := keyFile(t, "a:"+keyA, 0o600)
		if err := os.WriteFile(path+".next", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := vault.Rotate(path)
		wantError(t, err, vault.ErrKeyFile)
		if err == nil || !strings.Contains(err.Error(), path+".next") {
			t.Errorf("error %v does not name the file to remove", err)
		}
	})
	t.Run("no file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "none")
		if _, err := vault.Rotate(path); err == nil {
			t.Error("rotated nothing")
		}
		if _, err := os.Stat(path + ".next"); err == nil {
			t.Error("left a file behind")
		}
	})
}

func TestPruneKeepsTheNewestAndTheUsed(t *testing.T) {
	t.Parallel()
	const text = "# head\nold:" + keyA + "\nused:" + keyB + "\n"
	path := keyFile(t, text, 0o600)
	rotated, err := vault.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	pruned, err := vault.Prune(path, []string{"used", "unknown"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"used", rotated.Newest()}; !slices.Equal(pruned.IDs(), want) {
		t.Errorf("ids = %q; want %q", pruned.IDs(), want)
	}
	if !strings.HasPrefix(read(t, path), "# head\nused:") {
		t.Error("comments are lost")
	}
	wantOnly(t, path)
}
