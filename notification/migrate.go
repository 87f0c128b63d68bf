package notification

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema "notification" to its newest version. Concurrent callers wait for each other.
func Migrate(ctx context.Context, conn *pgx.Conn) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("notification: migrations: %w", err)
	}
	return eventstore.MigrateSchema(ctx, conn, "notification", files)
}
