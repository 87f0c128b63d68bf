package eventstore_test

import (
	"context"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// Nodes of a cluster start at the same time, and all of them migrate.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	dsn := storetest.NewEmptyDSN(t)
	var nodes sync.WaitGroup
	for range 6 {
		nodes.Go(func() {
			if err := migrate(t.Context(), dsn, eventstore.Migrate); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	nodes.Wait()
	if err := migrate(t.Context(), dsn, eventstore.Migrate); err != nil {
		t.Errorf("migrate again: %v", err)
	}
}

func TestMigrateKeepsWhatFailedOut(t *testing.T) {
	t.Parallel()
	dsn := storetest.NewEmptyDSN(t)
	files := fstest.MapFS{
		"001_good.sql": {Data: []byte("create table odd.good (n int)")},
		"002_bad.sql":  {Data: []byte("create table odd.half (n int); select 1/0")},
	}
	apply := func(ctx context.Context, conn *pgx.Conn) error {
		return eventstore.MigrateSchema(ctx, conn, "odd", files)
	}
	if err := migrate(t.Context(), dsn, apply); err == nil {
		t.Error("a broken migration went unnoticed")
	}
	files["002_bad.sql"] = &fstest.MapFile{Data: []byte("create table odd.half (n int)")}
	if err := migrate(t.Context(), dsn, apply); err != nil {
		t.Errorf("the mended migration: %v", err)
	}
}

func migrate(ctx context.Context, dsn string, apply func(context.Context, *pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return apply(ctx, conn)
}
