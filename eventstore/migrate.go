package eventstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/tern/v2/migrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema "eventstore" to its newest version. Concurrent callers wait for each other.
func Migrate(ctx context.Context, conn *pgx.Conn) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("eventstore: migrations: %w", err)
	}
	return MigrateSchema(ctx, conn, "eventstore", files)
}

// MigrateSchema applies the numbered SQL files to a schema that keeps its own version table. It creates the schema.
func MigrateSchema(ctx context.Context, conn *pgx.Conn, schema string, files fs.FS) error {
	// Neither "create schema if not exists" nor the creation of the version table is safe under concurrency.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("eventstore: lock for migration: %w", Unavailable(err))
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", migrationLock) }()

	ident := pgx.Identifier{schema}.Sanitize()
	if _, err := conn.Exec(ctx, "create schema if not exists "+ident); err != nil {
		return fmt.Errorf("eventstore: create schema %s: %w", schema, err)
	}
	m, err := migrate.NewMigrator(ctx, conn, schema+".schema_version")
	if err != nil {
		return fmt.Errorf("eventstore: migrate %s: %w", schema, err)
	}
	if err := m.LoadMigrations(files); err != nil {
		return fmt.Errorf("eventstore: migrate %s: %w", schema, err)
	}
	if err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("eventstore: migrate %s: %w", schema, err)
	}
	return nil
}
