package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const oldestMajor = 15

// binaries is one installation of the PostgreSQL server.
type binaries struct {
	dir   string
	major int
}

func (b binaries) initdb() string   { return filepath.Join(b.dir, "initdb") }
func (b binaries) postgres() string { return filepath.Join(b.dir, "postgres") }

// installations are the places where packagers put the server's binaries, which are often not on PATH.
var installations = [...]string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // packages of postgresql.org for Red Hat
	"/usr/libexec/postgresql*",  // Alpine
	"/usr/lib/postgresql*/bin",  // SUSE
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/local/pgsql/bin", // built from source
}

// findBinaries returns the installation to use: the one in override if that is set, otherwise the first on PATH,
// otherwise the newest. A cluster of major version wants (0: none yet) narrows the choice to that version.
func findBinaries(ctx context.Context, override string, wants int) (binaries, error) {
	dirs := candidateDirs()
	if override != "" {
		dirs = []string{override}
	}
	var others []int
	for _, dir := range dirs {
		b, err := inspectBinaries(ctx, dir)
		switch {
		case err != nil && override != "":
			return binaries{}, fmt.Errorf("%w (looked in %s: %w)", ErrNoBinaries, override, err)
		case err != nil:
			continue
		case b.major == wants, wants == 0 && b.major >= oldestMajor:
			return b, nil
		}
		others = append(others, b.major)
	}
	if wants != 0 && len(others) > 0 {
		return binaries{}, &VersionError{Wants: wants, Found: others}
	}
	return binaries{}, ErrNoBinaries
}

// candidateDirs lists directories that may hold a server, best first.
func candidateDirs() []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	var installed []string
	for _, pattern := range installations {
		// The patterns are constants, so Glob has no error to report.
		matches, _ := filepath.Glob(pattern)
		installed = append(installed, matches...)
	}
	slices.SortStableFunc(installed, func(a, b string) int { return versionInPath(b) - versionInPath(a) })
	return append(dirs, installed...)
}

// versionInPath returns the last number in a path, by which installations are told apart: 0 if there is none.
func versionInPath(path string) int {
	numbers := strings.FieldsFunc(path, func(r rune) bool { return r < '0' || r > '9' })
	if len(numbers) == 0 {
		return 0
	}
	version, err := strconv.Atoi(numbers[len(numbers)-1])
	if err != nil {
		return 0
	}
	return version
}

// inspectBinaries asks the server in dir for its version. The answer looks like "postgres (PostgreSQL) 15.18 (Debian)".
func inspectBinaries(ctx context.Context, dir string) (binaries, error) {
	b := binaries{dir: dir}
	if _, err := os.Stat(b.initdb()); err != nil {
		return binaries{}, err
	}
	out, err := exec.CommandContext(ctx, b.postgres(), "--version").Output()
	if err != nil {
		return binaries{}, err
	}
	_, version, _ := strings.Cut(string(out), ") ")
	digits := strings.TrimLeft(version, "0123456789")
	b.major, err = strconv.Atoi(version[:len(version)-len(digits)])
	if err != nil {
		return binaries{}, fmt.Errorf("%s: unknown version %q", b.postgres(), strings.TrimSpace(string(out)))
	}
	return b, nil
}

// settings are those that only some builds take. The first change of a page after a checkpoint sends the whole page to the
// log; lz4 makes it as small as the default does, in a fraction of the time.
func (b binaries) settings(ctx context.Context) map[string]string {
	cmd := exec.CommandContext(ctx, b.postgres(), "-C", "wal_compression", "-c", "wal_compression=lz4",
		"-c", "config_file="+os.DevNull, "-c", "hba_file="+os.DevNull, "-c", "ident_file="+os.DevNull, "-c", "data_directory="+os.TempDir())
	if cmd.Run() != nil {
		return nil
	}
	return map[string]string{"wal_compression": "lz4"}
}
