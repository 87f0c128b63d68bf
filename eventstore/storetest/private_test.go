package storetest

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Not parallel: it changes where temporary directories are.
func TestAbandonedServersAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const nobody = 2147483000
	for _, c := range []struct {
		name string
		pid  int
		age  time.Duration
		kept bool
	}{
		{"owner gone", nobody, time.Hour, false},
		{"owner lives", os.Getpid(), time.Hour, true},
		{"just made", nobody, 0, true},
	} {
		dir, err := os.MkdirTemp("", dirPattern)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "lock"), []byte(strconv.Itoa(c.pid)), 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-c.age)
		if err := os.Chtimes(dir, then, then); err != nil {
			t.Fatal(err)
		}
		removeAbandoned()
		if _, err := os.Stat(dir); (err == nil) != c.kept {
			t.Errorf("%s: kept %v, want %v", c.name, err == nil, c.kept)
		}
	}
}
