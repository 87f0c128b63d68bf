package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/tenant"
)

// AdminTokenFile is where the token of a tenant's administrator is kept.
func AdminTokenFile(cfg config.Database, name string) string {
	if name == tenant.Default {
		return filepath.Join(cfg.DataDir, "admin.pat")
	}
	return filepath.Join(cfg.DataDir, "tenants", name, "admin.pat")
}

// bootstrap sets the tenant up at the very first start. The owner of a private database whose token file is missing, because
// the first start was cut short or the file was lost, gets a new token; the nodes of a cluster do not.
func (t *tenancy) bootstrap(ctx context.Context, cfg config.Database, log zerolog.Logger) error {
	setup := instance.Setup{Tenant: t.name}
	path := AdminTokenFile(cfg, t.name)
	result, err := t.instance.Bootstrap(ctx, setup)
	if err != nil {
		return fmt.Errorf("first start: %w", err)
	}
	token := result.AdminToken
	if _, err := os.Stat(path); !result.Created && cfg.DatabaseURL == "" && errors.Is(err, fs.ErrNotExist) {
		if token, err = t.instance.IssueAdminToken(ctx, setup); err != nil {
			return fmt.Errorf("administrator's token: %w", err)
		}
	}
	if token == "" {
		return nil
	}
	log.Info().Str("file", path).Msg("wrote the administrator's token")
	return writeAdminToken(path, token)
}

// issueAdminToken makes a new token for the tenant's administrator and writes it to the token file, whose path it returns. A tenant
// that is not set up is set up.
func (t *tenancy) issueAdminToken(ctx context.Context, cfg config.Database) (string, error) {
	token, err := t.instance.IssueAdminToken(ctx, instance.Setup{Tenant: t.name})
	if err != nil {
		return "", fmt.Errorf("administrator's token: %w", err)
	}
	path := AdminTokenFile(cfg, t.name)
	return path, writeAdminToken(path, token)
}

// writeAdminToken replaces the file in one step, so that nobody reads half a token.
func writeAdminToken(path, token string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("directory of the administrator's token: %w", err)
	}
	f, err := os.CreateTemp(dir, "admin.pat.*") // mode 0600
	if err != nil {
		return fmt.Errorf("administrator's token: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(token + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("administrator's token: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("administrator's token: %w", err)
	}
	return nil
}
