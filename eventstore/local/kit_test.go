package local_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore/local"
)

// startTime bounds what takes a second on an idle machine.
const startTime = time.Minute

// newDir returns a directory with a short name, removed with what the server's account left in it.
func newDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "signet-local-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// newCluster returns a directory with a cluster in it, which is quicker than to start in an empty one.
func newCluster(t *testing.T) string {
	t.Helper()
	if err := makeSeed(); err != nil {
		t.Fatal(err)
	}
	dir := newDir(t)
	if out, err := exec.Command("cp", "-a", filepath.Join(seedDir, "cluster"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// seedDir, set by TestMain, gets the cluster that newCluster copies.
var seedDir string

var makeSeed = sync.OnceValue(func() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	p, err := local.StartPostgres(ctx, local.PostgresConfig{Dir: seedDir, Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		return err
	}
	return p.Stop(ctx)
})

// start starts a server until the test ends. Unless the test has settings of its own, the server does without fsync: only
// a crash of the machine could tell.
func start(t *testing.T, cfg local.PostgresConfig) *local.Postgres {
	t.Helper()
	if cfg.Settings == nil {
		cfg.Settings = map[string]string{"fsync": "off"}
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	p, err := local.StartPostgres(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, p) })
	return p
}

func stop(t *testing.T, p *local.Postgres) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// query runs one statement on a new connection and returns its only value.
func query(t *testing.T, dsn, sql string) string {
	t.Helper()
	value, err := tryQuery(t.Context(), dsn, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func tryQuery(ctx context.Context, dsn, sql string) (value string, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, sql).Scan(&value)
	return value, err
}

// keep commits a row to be found again.
func keep(t *testing.T, dsn string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, sql := range []string{"CREATE TABLE IF NOT EXISTS kept (word text)", "INSERT INTO kept VALUES ('here')"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// await polls a condition of the operating system, which signals nothing.
func await(t *testing.T, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(startTime)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatal("the condition does not come true")
		}
		time.Sleep(time.Millisecond)
	}
}
