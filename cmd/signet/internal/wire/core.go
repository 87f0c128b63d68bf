package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/tenant"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/local"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/authorizations"
	"github.com/signet-iam/signet/projection/memberships"
	"github.com/signet-iam/signet/projection/organizations"
	"github.com/signet-iam/signet/projection/projects"
	"github.com/signet-iam/signet/projection/providers"
	"github.com/signet-iam/signet/projection/sessions"
	"github.com/signet-iam/signet/projection/users"
)

// Core is the database, the log and the keys.
type Core struct {
	Pool  *pgxpool.Pool
	Store *eventstore.Store
	Vault *vault.Vault
	Codec *codec.Codec

	log     zerolog.Logger
	server  *local.Postgres // nil with --database-url
	closers []func()
}

// Mode says what a process opens a Core for.
type Mode struct {
	// Owner starts the private database and fails if another process has; otherwise a running one is joined.
	Owner bool
	// Create lets who is not the owner make a private database where there is none.
	Create bool
	// Observers see what this process appends.
	Observers []func([]eventstore.Event)
}

// OpenCore opens the database, brings its schema up to date, and opens log and keys.
func OpenCore(ctx context.Context, cfg config.Database, log zerolog.Logger, mode Mode) (*Core, error) {
	c := &Core{log: log}
	if err := c.open(ctx, cfg, mode); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Core) open(ctx context.Context, cfg config.Database, mode Mode) error {
	dsn, err := c.database(ctx, cfg, mode)
	if err != nil {
		return err
	}
	if c.Pool, err = openPool(ctx, dsn, cfg.Conns()); err != nil {
		return err
	}
	c.closers = append(c.closers, c.Pool.Close)
	if err := c.migrate(ctx); err != nil {
		return err
	}
	if c.Store, err = eventstore.Open(ctx, c.Pool, eventstore.Options{Logger: c.log, Observers: mode.Observers}); err != nil {
		return err
	}
	c.closers = append(c.closers, c.Store.Close)
	return c.openKeys(ctx, cfg)
}

// Close ends everything in the reverse order of its opening.
func (c *Core) Close() {
	for i := len(c.closers) - 1; i >= 0; i-- {
		c.closers[i]()
	}
	c.closers = nil
}

// database returns where the database is, having started a private one if none is configured.
func (c *Core) database(ctx context.Context, cfg config.Database, mode Mode) (dsn string, err error) {
	if cfg.DatabaseURL != "" {
		return cfg.DatabaseURL.Reveal(), nil
	}
	dir := filepath.Join(cfg.DataDir, "postgres")
	open := local.StartPostgres
	if !mode.Owner {
		open = local.AttachPostgres
		if _, err := os.Stat(dir); err != nil && !mode.Create {
			return "", fmt.Errorf("there is no data of signet in %s: name its directory with --data-dir", cfg.DataDir)
		}
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("data directory: %w", err)
	}
	server, err := open(ctx, local.PostgresConfig{Dir: dir, BinDir: cfg.PostgresBin, Logger: c.log})
	if err != nil {
		return "", err
	}
	c.server = server
	c.closers = append(c.closers, func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if err := server.Stop(stop); err != nil {
			c.log.Warn().Err(err).Msg("private database did not stop in time")
		}
	})
	return server.DSN(), nil
}

func openPool(ctx context.Context, dsn string, conns int) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("--database-url cannot be understood") // the error may hold the password
	}
	cfg.MaxConns = int32(conns)
	cfg.ConnConfig.RuntimeParams["application_name"] = "signet"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return pool, nil
}

func (c *Core) migrate(ctx context.Context) error {
	err := c.Pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		for _, migrate := range []func(context.Context, *pgx.Conn) error{
			eventstore.Migrate,
			notification.Migrate,
			func(ctx context.Context, conn *pgx.Conn) error { return projection.Migrate(ctx, conn, models(nil)...) },
		} {
			if err := migrate(ctx, conn.Conn()); err != nil {
				return err
			}
		}
		return nil
	})
	if unreachable, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		// One line for each address that was tried; an operator gets them in one.
		reasons := strings.Join(strings.Fields(unreachable.Error()), " ")
		return fmt.Errorf("the database cannot be reached: start it, or correct --database-url: %s", reasons)
	}
	return err
}

// openKeys reads the master keys. Only a database without any data key gets new ones: elsewhere a missing file means that
// the keys are somewhere else, and a fresh one would make everything unreadable that is written from then on.
func (c *Core) openKeys(ctx context.Context, cfg config.Database) error {
	ring, err := c.ring(ctx, cfg)
	if err != nil {
		return err
	}
	if c.Vault, err = vault.New(ring, c.Store); err != nil {
		return err
	}
	if c.Codec, err = codec.New(c.Vault); err != nil {
		return err
	}
	if err := c.Vault.EnsureDigestKey(ctx, tenant.Default, c.ensureKey); err != nil {
		return fmt.Errorf("master keys: %w", err)
	}
	return nil
}

func (c *Core) ring(ctx context.Context, cfg config.Database) (*vault.Ring, error) {
	if cfg.MasterKey != "" {
		return vault.ParseRing(cfg.MasterKey.Reveal())
	}
	known, err := c.Store.DataKeys(ctx, tenant.Default, []string{vault.DigestSubject})
	if err != nil {
		return nil, err
	}
	path := cfg.Keys()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("directory of the master keys: %w", err)
	}
	ring, err := vault.LoadRing(path, len(known) == 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the database is in use, but its master keys are not in %s: "+
			"copy them there from the first node or from the backup, or name them with --master-key-file", path)
	}
	return ring, err
}

func (c *Core) ensureKey(ctx context.Context, of, subject string, wrapped []byte) ([]byte, error) {
	return c.Store.EnsureDataKey(ctx, of, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
}

// Runtime is what commands work with.
func (c *Core) Runtime() command.Runtime {
	return command.Runtime{
		Store: c.Store, Vault: c.Vault, Codec: c.Codec,
		Now: time.Now, NewID: newID, Random: rand.Reader,
	}
}

// newID returns a time-ordered id; the error of NewV7 would mean that the system has no randomness, which crypto/rand does
// not survive either.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// models are the read models there are.
func models(c *codec.Codec) []projection.Model {
	return []projection.Model{
		users.New(c), providers.New(c), sessions.New(c), organizations.New(c), projects.New(c), authorizations.New(c), memberships.New(c),
	}
}

// Operator returns what operators do with projections.
func (c *Core) Operator() *projection.Operator {
	return projection.NewOperator(c.projectionLog(), projection.Options{Logger: c.log}, models(c.Codec)...)
}

func (c *Core) projectionLog() projection.Log {
	return projection.Log{Pool: c.Pool, Store: c.Store, Codec: c.Codec}
}
