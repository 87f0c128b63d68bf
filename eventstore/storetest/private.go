package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/signet-iam/signet/eventstore/local"
)

const (
	dirPattern = "signet-test-*"
	// A directory this old belongs to no binary that is about to start its server.
	abandonedAfter = 10 * time.Minute
)

// fastSettings give up durability, which no test can observe while its server runs.
var fastSettings = map[string]string{
	"fsync":              "off",
	"synchronous_commit": "off",
	"full_page_writes":   "off",
	"max_connections":    "300",
	"max_wal_size":       "4GB", // no checkpoint within a run
	"autovacuum":         "off", // it would visit hundreds of databases in turn
}

// durableSettings are those of production, with room for a test's clients.
var durableSettings = map[string]string{"max_connections": "200"}

// startPrivate starts a server in a new directory, whose short name leaves room for a socket's.
func startPrivate(ctx context.Context, settings map[string]string) (*local.Postgres, string, error) {
	removeAbandoned()
	dir, err := os.MkdirTemp("", dirPattern)
	if err != nil {
		return nil, "", err
	}
	private, err := local.StartPostgres(ctx, local.PostgresConfig{Dir: dir, Settings: settings})
	if err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(dir))
	}
	return private, dir, nil
}

// discard stops a server whose data nobody needs and removes its directory.
func discard(private *local.Postgres, dir string) error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	// An ended context asks for a stop without a checkpoint, which Stop reports as the loss that it is here meant to be.
	_ = private.Stop(now)
	return os.RemoveAll(dir)
}

// removeAbandoned removes what killed test binaries left. What cannot be removed is not this binary's concern.
func removeAbandoned() {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), dirPattern))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err == nil && time.Since(info.ModTime()) > abandonedAfter && local.Owner(dir) == 0 {
			_ = os.RemoveAll(dir)
		}
	}
}
