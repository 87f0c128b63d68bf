package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"
)

// PostgresConfig says where a private server lives. Only Dir is required.
type PostgresConfig struct {
	// Dir holds everything of the server. It is made if missing.
	Dir string
	// SocketDir is where the server listens. It must belong to the server's account. Default: the cluster's own
	// directory, or a short private one below the temporary directory where that path is too long for a socket.
	SocketDir string
	// BinDir holds initdb and postgres. Default: those on PATH, then the newest found where packages install them.
	BinDir string
	// User is the account that runs the server when this process is root. Default: the owner of the cluster, or
	// "postgres", or "nobody".
	User string
	// Settings are PostgreSQL settings that override this package's defaults.
	Settings map[string]string
	Logger   zerolog.Logger
}

// Postgres is a private server, or the connection to another process's. It is safe for concurrent use.
type Postgres struct {
	cfg    PostgresConfig
	dir    string
	state  state
	logger zerolog.Logger

	// These are the owner's; they are nil for a server that belongs to another process.
	lock    *dirLock
	bin     binaries
	cluster *cluster
	log     *serverLog
	forker  *forker

	cancel    context.CancelFunc // ends supervision: shut down
	hurry     chan struct{}      // closed: shut down without a checkpoint
	hurryOnce sync.Once
	done      chan struct{} // closed: nothing is left; stopErr is final
	stopErr   error
	pid       atomic.Int64
	restarts  atomic.Uint64
}

// StartPostgres starts the private server of a directory, making its cluster and the database "signet" the first time,
// and returns once it accepts connections. ctx bounds the start only; the server runs until Stop, and is started again
// should it die before.
//
// Errors: ErrNoBinaries, *InUseError, *VersionError, *UnreachableError, *StartError.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	dir, err := prepareDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	p := &Postgres{
		cfg: cfg, dir: dir, lock: lock, logger: cfg.Logger,
		forker: newForker(), hurry: make(chan struct{}), done: make(chan struct{}),
	}
	srv, err := p.start(ctx)
	if err != nil {
		p.release()
		return nil, err
	}
	supervision, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	go p.supervise(supervision, srv)
	return p, nil
}

// AttachPostgres connects to the server of a directory if a process owns one, and starts it otherwise. It waits for an
// owner that is still starting until ctx ends.
func AttachPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	tick := time.NewTicker(10 * pollInterval)
	defer tick.Stop()
	for {
		p, err := StartPostgres(ctx, cfg)
		var inUse *InUseError
		if err == nil || !errors.As(err, &inUse) {
			return p, err
		}
		p, err = attach(ctx, cfg, inUse)
		if err == nil {
			return p, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w; its PostgreSQL cannot be reached: %w", inUse, err)
		case <-tick.C:
		}
	}
}

func attach(ctx context.Context, cfg PostgresConfig, owner *InUseError) (*Postgres, error) {
	s, err := readState(owner.Dir)
	if err != nil {
		return nil, err
	}
	if s.PID != owner.PID {
		return nil, errors.New("it is still starting")
	}
	p := &Postgres{cfg: cfg, dir: owner.Dir, state: s, logger: cfg.Logger, done: make(chan struct{})}
	p.cancel = sync.OnceFunc(func() { close(p.done) })
	return p, p.ping(ctx, database)
}

// DSN names the database "signet" for pgx and libpq.
func (p *Postgres) DSN() string { return p.DatabaseDSN(database) }

// DatabaseDSN names another database of the server.
func (p *Postgres) DatabaseDSN(name string) string {
	params := url.Values{"host": {p.state.SocketDir}, "user": {superuser}, "sslmode": {"disable"}}.Encode()
	dsn := url.URL{
		Scheme:   "postgres",
		Path:     "/" + name,
		RawQuery: strings.ReplaceAll(params, "+", "%20"), // libpq and pgx know + as itself only
	}
	return dsn.String()
}

// Owned reports whether this process runs the server.
func (p *Postgres) Owned() bool { return p.lock != nil }

// PID returns the server's process id, 0 while it is not running or belongs to another process.
func (p *Postgres) PID() int { return int(p.pid.Load()) }

// Restarts counts how often the server died and was started again.
func (p *Postgres) Restarts() uint64 { return p.restarts.Load() }

// Done is closed when the server is gone for good: after Stop, or when its cluster no longer exists. A server that dies
// otherwise is started again and does not close it.
func (p *Postgres) Done() <-chan struct{} { return p.done }

// Err says why Done was closed: nil after a clean Stop.
func (p *Postgres) Err() error {
	select {
	case <-p.done:
		return p.stopErr
	default:
		return nil
	}
}

// Stop shuts the server down: open transactions are rolled back, a checkpoint is written. When ctx ends first, the
// checkpoint is left out, and the next start recovers from the log instead. A server of another process is left alone.
func (p *Postgres) Stop(ctx context.Context) error {
	p.cancel()
	select {
	case <-p.done:
	case <-ctx.Done():
		p.hurryOnce.Do(func() {
			if p.hurry != nil {
				close(p.hurry)
			}
		})
		<-p.done // soon: it is killed if it must be
	}
	return p.stopErr
}

func prepareDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no directory given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // the server's account passes through
	}
	return dir, os.MkdirAll(dir, mode)
}

// start brings the server from whatever the last run left to accepting connections.
func (p *Postgres) start(ctx context.Context) (*server, error) {
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	srv, err := p.launch(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.ensureDatabase(ctx); err != nil {
		p.end(srv)
		return nil, err
	}
	if err := p.state.write(p.dir); err != nil {
		p.end(srv)
		return nil, err
	}
	return srv, nil
}

// prepare makes everything ready for the server to run.
func (p *Postgres) prepare(ctx context.Context) error {
	path := filepath.Join(p.dir, clusterName)
	version, err := clusterVersion(path)
	if err != nil {
		return err
	}
	p.bin, err = findBinaries(ctx, p.cfg.BinDir, version)
	if mismatch := (*VersionError)(nil); errors.As(err, &mismatch) {
		mismatch.Dir = path
	}
	if err != nil {
		return err
	}
	conf, err := renderSettings(p.bin.settings(ctx), p.cfg.Settings)
	if err != nil {
		return err
	}
	acct, err := serverAccount(p.cfg.User, path)
	if err != nil {
		return err
	}
	if version == 0 {
		if err := p.initialize(ctx, acct); err != nil {
			return err
		}
	}
	if p.cluster, err = openCluster(path, acct); err != nil {
		return err
	}
	if err := p.cluster.configure(conf); err != nil {
		return err
	}
	if p.state, err = socketPlace(p.cfg.SocketDir, p.dir, acct); err != nil {
		return err
	}
	p.log, err = openServerLog(filepath.Join(p.dir, "postgres.log"))
	return err
}

func (p *Postgres) initialize(ctx context.Context, acct account) error {
	if err := removeUnfinished(p.dir); err != nil {
		p.logger.Warn().Err(err).Msg("an unfinished cluster could not be removed")
	}
	began := time.Now()
	i := initializer{
		dir: p.dir, bin: p.bin, account: acct, forker: p.forker,
		durable: p.cfg.Settings["fsync"] != "off",
	}
	if err := i.run(ctx); err != nil {
		return err
	}
	p.logger.Info().Str("dir", p.dir).Int("version", p.bin.major).Dur("took", time.Since(began)).
		Msg("private PostgreSQL initialized")
	return nil
}

// ensureDatabase creates the database unless it exists.
func (p *Postgres) ensureDatabase(ctx context.Context) error {
	err := p.ping(ctx, database)
	const invalidCatalogName = "3D000"
	var refused *pgconn.PgError
	if err == nil || !errors.As(err, &refused) || refused.Code != invalidCatalogName {
		return err
	}
	conn, err := pgx.Connect(ctx, p.DatabaseDSN("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

func (p *Postgres) ping(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, p.DatabaseDSN(name))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// socketSetting returns the socket's directory as the server is told it. The cluster's own is the server's working
// directory, named so because the server may be unable to reach it by its full path.
func (p *Postgres) socketSetting() string {
	if p.state.SocketDir == p.cluster.path {
		return "."
	}
	return `"` + strings.ReplaceAll(p.state.SocketDir, `"`, `""`) + `"`
}

// release gives up everything the owner holds. The server must have ended.
func (p *Postgres) release() {
	if p.state.SocketDir != "" {
		p.state.remove(p.dir)
	}
	if p.log != nil {
		p.log.close()
	}
	if p.cluster != nil {
		p.cluster.close()
	}
	p.forker.close()
	p.lock.release()
}
