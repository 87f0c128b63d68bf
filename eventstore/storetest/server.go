package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore/local"
)

const serverVariable = "SIGNET_TEST_DATABASE_URL"

// schema says what a new database is copied from.
type schema int

const (
	withSchema schema = iota // the log's, migrated once
	empty
)

// shared is the server of this test binary. A test has no other place to keep what outlives it.
var shared testServer

// testServer makes databases on one server: a private one, made when first asked for, or the one named by
// SIGNET_TEST_DATABASE_URL.
type testServer struct {
	once    sync.Once
	err     error
	private *local.Postgres // nil for a server named by the environment
	dir     string
	admin   *pgxpool.Pool
	prefix  string // of the names of this binary's databases
	number  atomic.Int64
}

// database creates a database for a test and returns its address.
func (s *testServer) database(t testing.TB, from schema) string {
	t.Helper()
	s.once.Do(func() { s.err = s.start() })
	if s.err != nil {
		t.Fatalf("test server: %v", s.err)
	}
	name := fmt.Sprintf("%s_%d", s.prefix, s.number.Add(1))
	template := "template0"
	if from == withSchema {
		template = s.template()
	}
	if err := s.create(t.Context(), name, template); err != nil {
		t.Fatalf("create database: %v", err)
	}
	return s.dsn(name)
}

func (s *testServer) template() string { return s.prefix + "_template" }

func (s *testServer) create(ctx context.Context, name, template string) error {
	// Copying the files spares writing them to the log, and brings the catalogue cache that every first connection would build.
	_, err := s.admin.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY",
		pgx.Identifier{name}.Sanitize(), pgx.Identifier{template}.Sanitize()))
	return err
}

func (s *testServer) dsn(name string) string {
	if s.private != nil {
		return s.private.DatabaseDSN(name)
	}
	u, err := url.Parse(os.Getenv(serverVariable))
	if err != nil { // start has parsed it already
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

func (s *testServer) start() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s.prefix = "signet_test_" + strings.ToLower(rand.Text()[:10])
	address := os.Getenv(serverVariable)
	if address == "" {
		private, dir, err := startPrivate(ctx, fastSettings)
		if err != nil {
			return err
		}
		s.private, s.dir = private, dir
		address = private.DatabaseDSN("postgres")
	} else if u, err := url.Parse(address); err != nil || u.Scheme == "" {
		return fmt.Errorf("%s must be an address like postgres://user@host/database", serverVariable)
	}
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return err
	}
	cfg.MaxConns = 2 // creating a database keeps a processor busy
	if s.admin, err = pgxpool.NewWithConfig(context.Background(), cfg); err != nil {
		return err
	}
	if err := s.create(ctx, s.template(), "template0"); err != nil {
		return err
	}
	return migrateDatabase(ctx, s.dsn(s.template()))
}

// stop removes the server, or what was created on one that stays.
func (s *testServer) stop() error {
	if s.admin == nil && s.private == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if s.private != nil {
		if s.admin != nil {
			s.admin.Close()
		}
		return discard(s.private, s.dir)
	}
	defer s.admin.Close()
	return s.dropAll(ctx)
}

func (s *testServer) dropAll(ctx context.Context) error {
	rows, err := s.admin.Query(ctx, "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", s.prefix)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := s.admin.Exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}
