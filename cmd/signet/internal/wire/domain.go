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
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/tokenuse"
	"github.com/signet-iam/signet/command/user"
)

// domain is the write side.
type domain struct {
	states
	limiter   *throttle.Limiter
	users     *user.Service
	providers *provider.Service
	intents   *intent.Service
	sessions  *session.Service
	tokens    *accesstoken.Service
	signin    *signin.Service
	instance  *instance.Service
	access    *access.Authenticator
	uses      *tokenuse.Uses
}

// states are what several services look at.
type states struct {
	userStates     *command.Executor[user.State]
	sessionStates  *command.Executor[session.State]
	instanceStates *command.Executor[instance.State]
	organizations  *organization.Service
}

func newStates(rt command.Runtime) (s states, err error) {
	if s.userStates, err = user.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.sessionStates, err = session.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.instanceStates, err = instance.NewExecutor(rt); err != nil {
		return s, err
	}
	s.organizations, err = organization.New(rt)
	return s, err
}

func (c *Core) newDomain(cfg *config.Server) (*domain, error) {
	rt := c.Runtime()
	shared, err := newStates(rt)
	if err != nil {
		return nil, err
	}
	d := &domain{states: shared}
	if d.limiter, err = throttle.New(rt); err != nil {
		return nil, err
	}
	d.limiter = d.limiter.WithLogger(c.log)
	if d.providers, err = newProviders(rt, cfg, d.organizations); err != nil {
		return nil, err
	}
	if d.intents, err = newIntents(rt, cfg, d.providers, c.log); err != nil {
		return nil, err
	}
	if d.users, err = d.newUsers(rt, cfg); err != nil {
		return nil, err
	}
	d.instance = instance.New(instance.Dependencies{
		Runtime: rt, Instances: d.instanceStates, UserStates: d.userStates, Users: d.users, Organizations: d.organizations,
	})
	if err := d.newSignIn(c, cfg); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *domain) newUsers(rt command.Runtime, cfg *config.Server) (*user.Service, error) {
	party, err := cfg.RelyingParty()
	if err != nil {
		return nil, err
	}
	return user.New(user.Dependencies{
		Runtime: rt, Users: d.userStates, Organizations: d.organizations, Providers: d.providers,
		Passwords: password.NewHasher(password.Options{Random: rand.Reader, Busy: widen(password.Parallel())}), Policy: password.DefaultPolicy(),
		RelyingParty: party, Limiter: d.limiter, Issuer: cfg.Application, Lockout: user.Lockout{Attempts: cfg.SignIn.LockoutAttempts},
	}), nil
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
