package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
)

const (
	poolSize     = 10 // connections of one test
	startTimeout = 2 * time.Minute
)

// NewDatabase returns a pool on a new database with the log's schema. It is closed when the test ends.
func NewDatabase(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return openPool(t, NewDSN(t))
}

// NewDSN returns the address of a new database with the log's schema, for a test that opens it by itself.
func NewDSN(t testing.TB) string {
	t.Helper()
	return shared.database(t, withSchema)
}

// NewEmptyDSN returns the address of a new database without any schema.
func NewEmptyDSN(t testing.TB) string {
	t.Helper()
	return shared.database(t, empty)
}

func openPool(t testing.TB, dsn string) *pgxpool.Pool {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatalf("database address: %v", err)
	}
	cfg.MaxConns = poolSize
	pool, err := pgxpool.NewWithConfig(context.WithoutCancel(t.Context()), cfg)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// migrateDatabase brings the database to the log's newest schema.
func migrateDatabase(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	return eventstore.Migrate(ctx, conn)
}
