package projection_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// idle is a model that nothing is news to.
type idle struct {
	*tally
	name string
}

func (m idle) Name() string    { return m.name }
func (m idle) Kinds() []string { return []string{"user"} }

func (m idle) Schema(generation int) projection.Schema {
	table := fmt.Sprintf("projection.%s_%d", m.name, generation)
	return projection.Schema{
		Tables: []string{table}, Create: []string{"create table " + table + ` (key text collate "C" primary key)`},
		Digest: "select key, 0::bigint from " + table + " order by key",
	}
}

func (m idle) Open(int) projection.Fold { return new(idleFold) }

type idleFold struct{ projection.Script }

func (*idleFold) Take(context.Context, projection.Querier, []eventstore.Event) ([]*projection.EventError, error) {
	return nil, nil
}

func (*idleFold) Skip(context.Context, projection.Querier, *eventstore.Event) error { return nil }

// Models without news are as far as those with some, also while one of them is held up.
func TestModelsWithoutNewsMoveOn(t *testing.T) {
	t.Parallel()
	busy, first, second, held := newTally(), idle{newTally(), "first"}, idle{newTally(), "second"}, idle{newTally(), "held"}
	n := newNode(t, busy, first, second, held)
	stop := n.run(projection.Options{}, busy, first, second, held)
	for range 50 {
		n.tick("user", "a")
	}
	for _, name := range []string{"tally", "first", "second", "held"} {
		n.awaitHead(name)
	}
	tx, err := n.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), "select from eventstore.checkpoints where name = 'held' for update"); err != nil { // as a swap does
		t.Fatal(err)
	}
	at := n.tick("user", "a").Position
	for _, name := range []string{"tally", "first", "second"} {
		n.await(name, at)
	}
	if s := n.status(n.operator(busy, first, second, held), "held"); s.Position >= at {
		t.Errorf("a held checkpoint moved: %+v", s)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.await("held", at)
	stop()
	if got := n.tallied("a"); got != 51 {
		t.Errorf("%d events of 51", got)
	}
}

// A checkpoint that is set back, as a crash of Postgres may do, is found and gone on from, although the log was read already.
func TestACheckpointSetBackIsGoneOnFrom(t *testing.T) {
	t.Parallel()
	busy, first := newTally(), idle{newTally(), "first"}
	n := newNode(t, busy, first)
	n.run(projection.Options{}, busy, first)
	for range 20 {
		n.tick("user", "a")
	}
	n.awaitHead("tally")
	n.awaitHead("first")
	err := pgx.BeginFunc(t.Context(), n.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "update eventstore.checkpoints set position = 5; update projection.tally_1 set version = 5")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []projection.Model{busy, first} {
		n.eventually(m.Name()+" is there again", func() bool { return n.status(n.operator(busy, first), m.Name()).Position >= 20 })
	}
	if got := n.tallied("a"); got != 20 {
		t.Errorf("%d events of 20", got)
	}
}
