package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServerLogIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postgres.log")
	l, err := openServerLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	const limit = 10
	for _, step := range []struct{ write, log, old string }{
		{"0123456789", "0123456789", ""},
		{"ab", "", "23456789ab"},
		{"next", "next", "23456789ab"},
	} {
		if _, err := l.file.WriteString(step.write); err != nil {
			t.Fatal(err)
		}
		if err := l.bound(limit); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != step.log {
			t.Errorf("after %q the log is %q, want %q", step.write, got, step.log)
		}
		if got := read(t, path+".1"); got != step.old {
			t.Errorf("after %q the old log is %q, want %q", step.write, got, step.old)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func TestReasonOfAFailedStart(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"": "it gave no reason",
		"LOG:  starting\nFATAL:  data directory has wrong ownership\nHINT:  no\n": "data directory has wrong ownership",
		"creating ...\ninitdb: error: invalid locale name \"x\"\n":                `invalid locale name "x"`,
		"one\ntwo\n": "two",
	} {
		if got := reasonIn(output); got != want {
			t.Errorf("reason in %q = %q, want %q", output, got, want)
		}
	}
}

func TestBarrier(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	closed := filepath.Join(top, "closed")
	inner := filepath.Join(closed, "inner")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o640); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	stranger := account{name: "stranger", uid: 4242, gid: 4242, switched: true}
	if barrier, err := stranger.barrier(closed); err != nil || barrier == closed {
		t.Errorf("the directory itself is a barrier: %q, %v", barrier, err)
	}
	barrier, err := stranger.barrier(inner)
	if os.Geteuid() != 0 {
		// Without root's rights nobody sees beyond the closed directory.
		if !errors.Is(err, os.ErrPermission) {
			t.Errorf("barrier %q, %v", barrier, err)
		}
		return
	}
	// An earlier parent, such as a private temporary directory, may be in the way already.
	if err != nil || barrier == "" || !strings.HasPrefix(closed, barrier) {
		t.Errorf("barrier before %s: %q, %v", inner, barrier, err)
	}
}

func TestVersionInPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"/usr/lib/postgresql/15/bin":                          15,
		"/opt/homebrew/opt/postgresql@17/bin":                 17,
		"/usr/libexec/postgresql16":                           16,
		"/Applications/Postgres.app/Contents/Versions/18/bin": 18,
		"/usr/local/pgsql/bin":                                0,
	} {
		if got := versionInPath(path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}
