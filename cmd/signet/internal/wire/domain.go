package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/user"
)

// domain is the write side.
type domain struct {
	users     *user.Service
	providers *provider.Service
	intents   *intent.Service
	instance  *instance.Service
	access    *access.Authenticator
}

func (c *Core) newDomain(cfg *config.Server) (*domain, error) {
	rt := c.Runtime()
	states, err := user.NewExecutor(rt)
	if err != nil {
		return nil, err
	}
	instances, err := instance.NewExecutor(rt)
	if err != nil {
		return nil, err
	}
	organizations, err := organization.New(rt)
	if err != nil {
		return nil, err
	}
	party, err := cfg.RelyingParty()
	if err != nil {
		return nil, err
	}
	providers, err := newProviders(rt, cfg, organizations)
	if err != nil {
		return nil, err
	}
	intents, err := newIntents(rt, cfg, providers, c.log)
	if err != nil {
		return nil, err
	}
	users := user.New(user.Dependencies{
		Runtime: rt, Users: states, Organizations: organizations, Providers: providers,
		Passwords: password.NewHasher(password.Options{Random: rand.Reader, Busy: widen(password.Parallel())}), Policy: password.DefaultPolicy(),
		RelyingParty: party, Issuer: cfg.Application,
	})
	return &domain{
		users: users, providers: providers, intents: intents,
		instance: instance.New(instance.Dependencies{
			Runtime: rt, Instances: instances, UserStates: states, Users: users, Organizations: organizations,
		}),
		access: access.New(access.Dependencies{Runtime: rt, Users: states, Instances: instances, Tenant: Tenant}),
	}, nil
}

// widen returns what gives the scheduler more processors while there are hashes. Each keeps one of them for milliseconds, and
// requests shall have as many as without; more than the machine has are no good otherwise.
func widen(by int) func(bool) {
	usual := runtime.GOMAXPROCS(0)
	return func(hashing bool) {
		if hashing {
			runtime.GOMAXPROCS(usual + by)
		} else {
			runtime.GOMAXPROCS(usual)
		}
	}
}

// AdminTokenFile is where the administrator's token is kept.
func AdminTokenFile(cfg config.Database) string { return filepath.Join(cfg.DataDir, "admin.pat") }

// bootstrap sets the tenant up at the very first start. The owner of a private database whose token file is missing, because
// the first start was cut short or the file was lost, gets a new token; the nodes of a cluster do not.
func (d *domain) bootstrap(ctx context.Context, cfg config.Database, log zerolog.Logger) error {
	setup := instance.Setup{Tenant: Tenant}
	result, err := d.instance.Bootstrap(ctx, setup)
	if err != nil {
		return fmt.Errorf("first start: %w", err)
	}
	token := result.AdminToken
	if _, err := os.Stat(AdminTokenFile(cfg)); !result.Created && cfg.DatabaseURL == "" && errors.Is(err, fs.ErrNotExist) {
		if token, err = d.instance.IssueAdminToken(ctx, setup); err != nil {
			return fmt.Errorf("administrator's token: %w", err)
		}
	}
	if token == "" {
		return nil
	}
	log.Info().Str("file", AdminTokenFile(cfg)).Msg("wrote the administrator's token")
	return writeAdminToken(cfg, token)
}

// IssueAdminToken makes a new token for the administrator and writes it to the token file.
func (c *Core) IssueAdminToken(ctx context.Context, cfg config.Database) (string, error) {
	d, err := c.newDomain(&config.Server{}) // it serves nobody
	if err != nil {
		return "", err
	}
	token, err := d.instance.IssueAdminToken(ctx, instance.Setup{Tenant: Tenant})
	if err != nil {
		return "", fmt.Errorf("administrator's token: %w", err)
	}
	return AdminTokenFile(cfg), writeAdminToken(cfg, token)
}

// writeAdminToken replaces the file in one step, so that nobody reads half a token.
func writeAdminToken(cfg config.Database, token string) error {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	f, err := os.CreateTemp(cfg.DataDir, "admin.pat.*") // mode 0600
	if err != nil {
		return fmt.Errorf("administrator's token: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(token + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("administrator's token: %w", err)
	}
	if err := os.Rename(f.Name(), AdminTokenFile(cfg)); err != nil {
		return fmt.Errorf("administrator's token: %w", err)
	}
	return nil
}
