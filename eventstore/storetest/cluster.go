package storetest

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore/local"
)

// Cluster is a Postgres server of one test's own, with the log's schema in its database and every setting of
// durability on, to be stopped, killed and started while the test's subject is connected. Its address never changes.
// It is for one goroutine.
type Cluster struct {
	t       testing.TB
	dir     string
	dsn     string
	running *local.Postgres // nil while stopped
}

// NewCluster starts a server that is removed when the test ends.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	private, dir, err := startPrivate(ctx, durableSettings)
	if err != nil {
		t.Fatalf("test cluster: %v", err)
	}
	c := &Cluster{t: t, dir: dir, dsn: private.DSN(), running: private}
	t.Cleanup(c.remove)
	if err := migrateDatabase(ctx, c.dsn); err != nil {
		t.Fatalf("test cluster: %v", err)
	}
	return c
}

// DSN returns the address of the database.
func (c *Cluster) DSN() string { return c.dsn }

// Pool returns a new pool on the database, closed when the test ends.
func (c *Cluster) Pool() *pgxpool.Pool {
	c.t.Helper()
	return openPool(c.t, c.dsn)
}

// Stop shuts the server down in order: clients are cut off, everything committed is on disk. It stays down.
func (c *Cluster) Stop() {
	c.t.Helper()
	if c.running == nil {
		return
	}
	if err := c.running.Stop(context.WithoutCancel(c.t.Context())); err != nil {
		c.t.Fatalf("stop test cluster: %v", err)
	}
	c.running = nil
}

// Start starts a stopped server and returns once it accepts connections.
func (c *Cluster) Start() {
	c.t.Helper()
	if c.running != nil {
		return
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), startTimeout)
	defer cancel()
	running, err := local.StartPostgres(ctx, local.PostgresConfig{Dir: c.dir, Settings: durableSettings})
	if err != nil {
		c.t.Fatalf("start test cluster: %v", err)
	}
	c.running = running
}

// Restart stops the server in order and starts it.
func (c *Cluster) Restart() {
	c.t.Helper()
	c.Stop()
	c.Start()
}

// Kill kills the server with SIGKILL and returns once it has recovered and accepts connections, as it does by itself.
func (c *Cluster) Kill() {
	c.t.Helper()
	if c.running == nil {
		c.t.Fatal("kill: the test cluster is stopped")
	}
	before := c.running.Restarts()
	if err := syscall.Kill(c.running.PID(), syscall.SIGKILL); err != nil {
		c.t.Fatalf("kill test cluster: %v", err)
	}
	deadline := time.NewTimer(startTimeout)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for c.running.Restarts() == before {
		select {
		case <-deadline.C:
			c.t.Fatal("the killed test cluster did not come back")
		case <-c.running.Done():
			c.t.Fatalf("the killed test cluster is gone: %v", c.running.Err())
		case <-tick.C:
		}
	}
}

func (c *Cluster) remove() {
	if c.running == nil {
		c.Start() // so that its files are removed in one way
	}
	if err := discard(c.running, c.dir); err != nil {
		c.t.Errorf("remove test cluster: %v", err)
	}
}
