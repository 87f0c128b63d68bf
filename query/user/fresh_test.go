package user_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

var root = viewer{subject: "root", all: true}

// soon is shorter than any projection that does not run would take, and long no longer than needed when one does.
const (
	soon = 30 * time.Millisecond
	long = 30 * time.Second
)

// readers are the two ways to read one user; both obey the same rules of freshness.
func (d *database) readers() map[string]func(id string, c query.Consistency) (user.User, error) {
	return map[string]func(string, query.Consistency) (user.User, error){
		"by id": func(id string, c query.Consistency) (user.User, error) {
			return d.queries.Get(context.Background(), root, id, c)
		},
		"list": func(id string, c query.Consistency) (user.User, error) {
			l, err := d.queries.List(context.Background(), root, user.ListRequest{Filters: []user.Filter{user.InIDs{id}}, Consistency: c})
			if err == nil && len(l.Users) == 0 {
				return user.User{}, user.ErrNotFound
			}
			if err != nil {
				return user.User{}, err
			}
			return l.Users[0], nil
		},
	}
}

// someone is a user at version 1 who was projected, and then a second event that was not.
func someone(t *testing.T, d *database) (before, after user.User) {
	t.Helper()
	u := user.User{ID: "ann", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	d.append(t, &u, 1)
	d.project(t, u)
	before = u
	u.State = user.StateLocked
	d.append(t, &u, 1)
	return before, u
}

func TestBehindIsUnavailableNeverOld(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	someone(t, d)
	for name, read := range d.readers() {
		if got, err := read("ann", query.Consistency{Timeout: soon}); !errors.Is(err, query.ErrBehind) || got.Version != 0 {
			t.Errorf("%s: version %d, %v; want READ_MODEL_BEHIND", name, got.Version, err)
		}
	}
}

func TestWaitingReaderGetsTheFreshRow(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	_, after := someone(t, d)
	var reading sync.WaitGroup
	for name, read := range d.readers() {
		reading.Go(func() {
			got, err := read("ann", query.Consistency{Timeout: long})
			if err != nil || got.Version != after.Version || got.State != user.StateLocked {
				t.Errorf("%s: version %d, %v", name, got.Version, err)
			}
		})
	}
	d.project(t, after)
	reading.Wait()
}

func TestReadByIDDoesNotWaitForOthers(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	_, after := someone(t, d)
	d.project(t, after)
	d.append(t, &user.User{ID: "other", Organization: "o1"}, 1) // never projected
	got, err := d.queries.Get(context.Background(), root, "ann", query.Consistency{Timeout: soon})
	if err != nil || got.Version != after.Version {
		t.Fatalf("version %d, %v", got.Version, err)
	}
}

func TestEventualNeverWaits(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	before, _ := someone(t, d)
	for name, read := range d.readers() {
		got, err := read("ann", query.Consistency{Mode: query.Eventual, Timeout: long})
		if err != nil || got.Version != before.Version {
			t.Errorf("%s: version %d, %v", name, got.Version, err)
		}
	}
}

func TestMinPositionWaitsForJustThat(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	before, after := someone(t, d)
	for name, read := range d.readers() {
		got, err := read("ann", query.Consistency{MinPosition: before.Position, Timeout: soon})
		if err != nil || got.Version != before.Version {
			t.Errorf("%s, reached: version %d, %v", name, got.Version, err)
		}
		if _, err := read("ann", query.Consistency{MinPosition: after.Position, Timeout: soon}); !errors.Is(err, query.ErrBehind) {
			t.Errorf("%s, not reached: %v", name, err)
		}
	}
	d.project(t, after)
	for name, read := range d.readers() {
		got, err := read("ann", query.Consistency{MinPosition: after.Position, Timeout: long})
		if err != nil || got.Version != after.Version {
			t.Errorf("%s, now reached: version %d, %v", name, got.Version, err)
		}
		if _, err := read("ann", query.Consistency{MinPosition: after.Position + 1000, Timeout: soon}); !errors.Is(err, query.ErrBehind) {
			t.Errorf("%s, a position of another log: %v", name, err)
		}
	}
}

func TestParkedStream(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	before, _ := someone(t, d)
	d.project(t) // the checkpoint goes past the stream without its row
	const park = `insert into eventstore.parked values ('users', $1, 'user', 'ann', $2, 1, 'test', now())`
	if _, err := d.pool.Exec(context.Background(), park, tenant, before.Position+1); err != nil {
		t.Fatal(err)
	}
	if _, err := d.queries.Get(context.Background(), root, "ann", query.Consistency{Timeout: long}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("by id: %v, want READ_MODEL_BEHIND at once", err)
	}
	l, err := d.queries.List(context.Background(), root, user.ListRequest{})
	if err != nil || !l.Incomplete || len(l.Users) != 1 {
		t.Errorf("list: %+v, %v; want an answer that says it may lack something", l, err)
	}
}

// A program that is newer than the tables finds views that do not show all it reads, until its tables are built.
func TestTablesOfAnEarlierProgram(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.ann(t)
	for _, sql := range []string{
		"alter view projection.users rename column mfa_init_skipped_at to not_yet",
		"drop view projection.users_credentials, projection.users_metadata",
	} {
		if _, err := d.pool.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, read := range d.readers() {
		if _, err := read("ann", query.Consistency{Timeout: soon}); !errors.Is(err, query.ErrBehind) {
			t.Errorf("%s: %v; want READ_MODEL_BEHIND", name, err)
		}
	}
	for name, ask := range d.questions() {
		if _, _, err := ask(root, "ann", query.Consistency{Timeout: soon}); !errors.Is(err, query.ErrBehind) {
			t.Errorf("%s: %v; want READ_MODEL_BEHIND", name, err)
		}
	}
	if _, err := d.queries.Keys(context.Background(), root, user.IssuedRequest{}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("keys: %v; want READ_MODEL_BEHIND", err)
	}
}

func TestAnswersSayWhatTheyReflect(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	_, after := someone(t, d)
	d.project(t, after)
	other := user.User{ID: "other", Organization: "o1", State: user.StateActive, Kind: user.KindHuman}
	d.append(t, &other, 1)
	d.project(t, other)
	l, err := d.queries.List(context.Background(), root, user.ListRequest{})
	if err != nil || l.Position != other.Position || l.At.IsZero() || l.Incomplete {
		t.Errorf("list: %+v, %v", l.Reflected, err)
	}
	got, err := d.queries.Get(context.Background(), root, "ann", query.Consistency{})
	if err != nil || got.Position != after.Position {
		t.Errorf("by id: position %d, %v; want %d", got.Position, err, after.Position)
	}
}

func TestCallerWhoGivesUp(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	someone(t, d)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.queries.Get(ctx, root, "ann", query.Consistency{Timeout: long}); !errors.Is(err, context.Canceled) {
		t.Errorf("by id: %v", err)
	}
	if _, err := d.queries.List(ctx, root, user.ListRequest{Consistency: query.Consistency{Timeout: long}}); !errors.Is(err, context.Canceled) {
		t.Errorf("list: %v", err)
	}
}

// node is another process over the same database.
func (d *database) node(t *testing.T) *database {
	t.Helper()
	pool, err := pgxpool.NewWithConfig(context.Background(), d.pool.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	log := openLog(t, pool)
	return &database{pool: pool, log: log, queries: user.New(pool, log)}
}

// follow does what the projection would, until ctx ends: it takes the log up to its high water mark, batch by batch.
func (d *database) follow(ctx context.Context, t *testing.T, from eventstore.Position) {
	for {
		water, err := d.log.AwaitHighWater(ctx, from)
		if err != nil {
			return
		}
		events, err := d.log.ReadBatch(context.Background(), eventstore.Batch{After: from, UpTo: water, Limit: eventstore.MaxBatch})
		if err != nil {
			t.Error(err)
			return
		}
		rows := make([]user.User, 0, len(events))
		for _, e := range events {
			rows = append(rows, user.User{
				ID: e.Stream.ID, Organization: "o1", State: user.StateActive, Kind: user.KindHuman,
				Version: e.Version, Position: e.Position,
			})
		}
		d.projectTo(t, water, rows)
		from = water
	}
}

// Writers on one node, the projection behind them, readers on both nodes: nobody ever sees less than what was
// acknowledged before the question.
func TestReadersSeeEveryAcknowledgedWrite(t *testing.T) {
	t.Parallel()
	first := newDatabase(t)
	nodes := []*database{first, first.node(t)}
	ctx, stop := context.WithCancel(context.Background())
	var following, writing sync.WaitGroup
	following.Go(func() { first.follow(ctx, t, 0) })
	for w := range 4 {
		writing.Go(func() {
			u := user.User{ID: fmt.Sprintf("w%d", w), Organization: "o1"}
			for range 25 {
				first.append(t, &u, 1)
				for n, node := range nodes {
					for name, read := range node.readers() {
						got, err := read(u.ID, query.Consistency{Timeout: long})
						if err != nil || got.Version < u.Version {
							t.Errorf("node %d %s: version %d after %d was acknowledged, %v", n, name, got.Version, u.Version, err)
						}
					}
				}
			}
		})
	}
	writing.Wait()
	stop()
	following.Wait()
}
