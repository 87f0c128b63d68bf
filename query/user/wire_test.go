package user_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// tap notes the statements of single queries and of batches, in the order in which they are answered.
type tap struct {
	mu      sync.Mutex
	queries []string
	batches [][]string
}

func (p *tap) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queries = append(p.queries, data.SQL)
	return ctx
}

func (p *tap) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (p *tap) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	batch := make([]string, 0, data.Batch.Len())
	for _, q := range data.Batch.QueuedQueries {
		batch = append(batch, q.SQL)
	}
	p.batches = append(p.batches, batch)
	return ctx
}

func (p *tap) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (p *tap) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// tapped returns queries whose statements are noted.
func (d *database) tapped(t *testing.T) (*user.Queries, *tap) {
	t.Helper()
	config, noted := d.pool.Config(), &tap{}
	config.ConnConfig.Tracer = noted
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return user.New(pool, d.log), noted
}

func TestFreshReadByIDIsOneStatement(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 1)
	queries, noted := d.tapped(t)
	if _, err := queries.Get(context.Background(), root, all[0].ID, query.Consistency{}); err != nil {
		t.Fatal(err)
	}
	if len(noted.queries) != 1 || len(noted.batches) != 0 {
		t.Fatalf("statements: %q, batches: %q", noted.queries, noted.batches)
	}
}

// The rows must not be read in an older snapshot than the checkpoint that vouches for them.
func TestListReadsTheCheckpointBeforeTheRows(t *testing.T) {
	t.Parallel()
	d, _ := populated(t, 1)
	large := make([]user.Filter, 5) // not kept prepared
	for i := range large {
		large[i] = user.StateIs(user.StateActive)
	}
	for name, r := range map[string]user.ListRequest{"small": {}, "large": {Filters: large}} {
		queries, noted := d.tapped(t)
		if _, err := queries.List(context.Background(), root, r); err != nil {
			t.Fatal(err)
		}
		order := noted.queries
		if name == "small" {
			if len(noted.batches) != 1 || len(noted.queries) != 0 {
				t.Fatalf("more than one round trip: %q and %q", noted.queries, noted.batches)
			}
			order = noted.batches[0]
		}
		if len(order) != 2 || !strings.Contains(order[0], "eventstore.checkpoints") || strings.Contains(order[1], "eventstore.") {
			t.Errorf("%s: %q", name, order)
		}
	}
}

func TestNobodyIsAskedForADenial(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 1)
	queries, noted := d.tapped(t)
	_, err := queries.Get(context.Background(), viewer{subject: "eve"}, all[0].ID, query.Consistency{})
	if !errors.Is(err, query.ErrDenied) || len(noted.queries) != 0 {
		t.Fatalf("%v after %q", err, noted.queries)
	}
}

func TestDatabaseThatGoesAway(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	d := newDatabaseOn(t, cluster.Pool())
	ann := user.User{ID: "ann", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	d.append(t, &ann, 1)
	d.project(t, ann)
	ask := func() (byID, list error) {
		_, byID = d.queries.Get(context.Background(), root, "ann", query.Consistency{})
		_, list = d.queries.List(context.Background(), root, user.ListRequest{})
		return byID, list
	}
	if byID, list := ask(); byID != nil || list != nil {
		t.Fatal(byID, list)
	}
	cluster.Stop()
	if byID, list := ask(); !errors.Is(byID, query.ErrUnavailable) || !errors.Is(list, query.ErrUnavailable) {
		t.Fatalf("by id: %v\nlist: %v", byID, list)
	}
	cluster.Start()
	for { // connections from before may take one answer each to be found dead
		byID, list := ask()
		if byID == nil && list == nil {
			return
		}
		for _, err := range []error{byID, list} {
			if err != nil && !errors.Is(err, query.ErrUnavailable) {
				t.Fatal(err)
			}
		}
	}
}
