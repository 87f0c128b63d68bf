package local_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore/local"
)

func TestFirstAndSecondStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "data", "postgres")

	durable := map[string]string{"fsync": "on"}
	first := start(t, local.PostgresConfig{Dir: dir, Settings: durable})
	if !strings.Contains(first.DSN(), "/signet?") || !first.Owned() {
		t.Errorf("DSN %s, owned %v", first.DSN(), first.Owned())
	}
	keep(t, first.DSN())
	stop(t, first)
	if _, err := tryQuery(t.Context(), first.DSN(), "SELECT 'up'"); err == nil {
		t.Error("the server answers after Stop")
	}

	second := start(t, local.PostgresConfig{Dir: dir, Settings: durable})
	if got := query(t, second.DSN(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("second start reads %q", got)
	}
}

func TestServerSettings(t *testing.T) {
	t.Parallel()
	p := start(t, local.PostgresConfig{Dir: newDir(t), Settings: map[string]string{"work_mem": "7MB", "cluster_name": `it's a \n`}})
	for setting, want := range map[string]string{
		"fsync":                               "on",
		"synchronous_commit":                  "on",
		"full_page_writes":                    "on",
		"data_checksums":                      "on",
		"listen_addresses":                    "",
		"jit":                                 "off",
		"max_wal_size":                        "2GB",
		"checkpoint_timeout":                  "15min",
		"server_encoding":                     "UTF8",
		"TimeZone":                            "UTC",
		"work_mem":                            "7MB",
		"cluster_name":                        `it's a \n`,
		"idle_in_transaction_session_timeout": "1min",
	} {
		if got := query(t, p.DSN(), "SHOW "+setting); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
}

func TestLogIsCompressedAsWellAsTheBuildCan(t *testing.T) {
	t.Parallel()
	p := start(t, local.PostgresConfig{Dir: newDir(t)})
	want := query(t, p.DSN(), "SELECT CASE WHEN 'lz4' = ANY (enumvals) THEN 'lz4' ELSE 'pglz' END FROM pg_settings WHERE name = 'wal_compression'")
	if got := query(t, p.DSN(), "SHOW wal_compression"); got != want {
		t.Errorf("wal_compression = %q, want %q", got, want)
	}
}

func TestMalformedSettingIsRefused(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"fsync = off\nport": "1", "work_mem": "7MB\nfsync = off"} {
		_, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: newDir(t), Settings: map[string]string{name: value}})
		if err == nil || !strings.Contains(err.Error(), "malformed") {
			t.Errorf("setting %q = %q: %v", name, value, err)
		}
	}
}

// What PostgreSQL itself refuses is reported in its words, and the directory can be started afterwards.
func TestRefusedSettingIsExplained(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	_, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: dir, Settings: map[string]string{"max_connections": "many"}})
	var failed *local.StartError
	if !errors.As(err, &failed) || !strings.Contains(failed.Error(), "max_connections") && !strings.Contains(failed.Error(), "errors") {
		t.Errorf("error: %v", err)
	}
	start(t, local.PostgresConfig{Dir: dir})
}

func TestDirectoryInUse(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	start(t, local.PostgresConfig{Dir: dir})
	_, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: dir})
	if !errors.Is(err, local.ErrInUse) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("error %v, want ErrInUse with pid %d", err, os.Getpid())
	}
}

func TestAttachToARunningServer(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	owner := start(t, local.PostgresConfig{Dir: dir})
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	guest, err := local.AttachPostgres(ctx, local.PostgresConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if guest.Owned() || guest.DSN() != owner.DSN() {
		t.Errorf("owned %v, DSN %s, want that of the owner %s", guest.Owned(), guest.DSN(), owner.DSN())
	}
	stop(t, guest)
	query(t, owner.DSN(), "SELECT 'still up'")
}

func TestAttachStartsWhatIsDown(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	p, err := local.AttachPostgres(ctx, local.PostgresConfig{Dir: newCluster(t), Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, p)
	if !p.Owned() {
		t.Error("not owned")
	}
	query(t, p.DSN(), "SELECT 'up'")
}

func TestNoBinaries(t *testing.T) {
	t.Parallel()
	_, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: newDir(t), BinDir: t.TempDir()})
	if !errors.Is(err, local.ErrNoBinaries) {
		t.Fatalf("error %v, want ErrNoBinaries", err)
	}
	for _, advice := range []string{"apt", "brew", "SIGNET_POSTGRES_BIN"} {
		if !strings.Contains(err.Error(), advice) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q does not say %s in one line", err, advice)
		}
	}
}

func TestClusterOfAnotherVersion(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	stop(t, start(t, local.PostgresConfig{Dir: dir}))
	if err := os.WriteFile(filepath.Join(dir, "cluster", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: dir})
	var mismatch *local.VersionError
	if !errors.As(err, &mismatch) || mismatch.Wants != 9 {
		t.Errorf("error %v, want a VersionError", err)
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), strings.Repeat("long/", 30))
	p := start(t, local.PostgresConfig{Dir: dir})
	query(t, p.DSN(), "SELECT 'up'")
	before := p.DSN()
	stop(t, p)
	cfg, err := pgx.ParseConfig(before)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cfg.Host); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("socket directory %s after Stop: %v", cfg.Host, err)
	}
}

func TestSocketDirectoryOfTheCaller(t *testing.T) {
	t.Parallel()
	sockets := filepath.Join(newDir(t), `so "ckets`)
	if err := os.Chmod(filepath.Dir(sockets), 0o711); err != nil {
		t.Fatal(err)
	}
	p := start(t, local.PostgresConfig{Dir: newCluster(t), SocketDir: sockets})
	query(t, p.DSN(), "SELECT 'up'")
	if _, err := os.Stat(filepath.Join(sockets, ".s.PGSQL.5432")); err != nil {
		t.Error(err)
	}
}

// Where the server's account may not pass through a parent, as below /root, the data stays where the caller wants it and
// no permission changes.
func TestClusterStaysInItsDirectory(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]fs.FileMode{"open parent": 0o711, "closed parent": 0o700} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := newDir(t)
			if err := os.Chmod(parent, mode); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(parent, "postgres")
			p := start(t, local.PostgresConfig{Dir: dir})
			keep(t, p.DSN())
			if _, err := os.Stat(filepath.Join(dir, "cluster", "base")); err != nil {
				t.Error(err)
			}
			if info, err := os.Stat(parent); err != nil || info.Mode().Perm() != mode {
				t.Errorf("parent is %v now, %v", info.Mode(), err)
			}
			if info, err := os.Stat(filepath.Join(dir, "cluster")); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("cluster is %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestStopCutsOpenTransactions(t *testing.T) {
	t.Parallel()
	p := start(t, local.PostgresConfig{Dir: newCluster(t)})
	conn, err := pgx.Connect(t.Context(), p.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop(t, p)
}
