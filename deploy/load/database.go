package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore/local"
)

const (
	settlePatience = 30 * time.Second
	settlePace     = 2 * time.Millisecond
)

const (
	// Every reader that keeps a checkpoint for a read model must have reached the head.
	sqlSettled = `
select coalesce(bool_and(c.position >= (select max(position) from eventstore.events)), false)
  from projection.models m
  join eventstore.checkpoints c using (name)`

	sqlLog = `
select type, count(*)
  from eventstore.events
 where stream_kind = 'user'
 group by type
 order by count(*) desc, type`
)

// database is the private PostgreSQL server of a signet process.
type database struct {
	server *local.Postgres
	pool   *pgxpool.Pool // of the database "signet"
	dir    string
}

// attach connects to the server of a running node.
func attach(ctx context.Context, dataDir string) (*database, error) {
	dir := filepath.Join(dataDir, "postgres")
	server, err := local.AttachPostgres(ctx, local.PostgresConfig{Dir: dir})
	if err != nil {
		return nil, err
	}
	if server.Owned() {
		return nil, errors.Join(errors.New("the node does not run a PostgreSQL server of its own"), server.Stop(ctx))
	}
	pool, err := pgxpool.New(ctx, server.DSN())
	if err != nil {
		return nil, err
	}
	return &database{server: server, pool: pool, dir: dir}, nil
}

func (d *database) close() { d.pool.Close() }

// exec runs statements one by one.
func (d *database) exec(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := d.pool.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// create makes an empty database in the server and returns its name for pgx and libpq.
func (d *database) create(ctx context.Context, name string) (dsn string, err error) {
	return d.server.DatabaseDSN(name), d.exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
}

// settle waits until the read models have taken in the whole log.
func (d *database) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settlePatience)
	defer cancel()
	pace := time.NewTicker(settlePace)
	defer pace.Stop()
	for {
		var settled bool
		if err := d.pool.QueryRow(ctx, sqlSettled).Scan(&settled); err != nil {
			return fmt.Errorf("wait for the read models: %w", err)
		}
		if settled {
			return nil
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the read models: %w", ctx.Err())
		}
	}
}

// processTime is what all processes of the server have used.
func (d *database) processTime() (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join(d.dir, "cluster", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0, fmt.Errorf("postmaster.pid: %w", err)
	}
	return familyTime(pid)
}

// eventCount is how often a type of event occurs.
type eventCount struct {
	name  string
	count int64
}

// userEvents counts what the log holds about users.
func (d *database) userEvents(ctx context.Context) (total int64, types []eventCount, err error) {
	rows, err := d.pool.Query(ctx, sqlLog)
	if err != nil {
		return 0, nil, err
	}
	types, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c eventCount, err error) {
		return c, row.Scan(&c.name, &c.count)
	})
	for _, c := range types {
		total += c.count
	}
	return total, types, err
}

// version is the server's, such as "15.4".
func (d *database) version(ctx context.Context) (string, error) {
	var version string
	err := d.pool.QueryRow(ctx, "show server_version").Scan(&version)
	version, _, _ = strings.Cut(version, " ")
	return version, err
}
