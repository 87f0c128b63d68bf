package projection_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// tally is a model for the runner's tests: it counts events by stream, and fails as it is told to. Streams whose id
// begins with "refused" make Postgres refuse their row as soon as it counts two.
type tally struct {
	revision int
	kinds    []string

	mu     sync.Mutex
	broken map[string]bool // streams whose second event cannot be applied
	fault  error           // what Take returns before it looks at anything
}

var errBroken = errors.New("the test broke it")

func newTally() *tally {
	return &tally{revision: 1, kinds: []string{"user", "org"}, broken: make(map[string]bool)}
}

func (m *tally) breakStream(id string, broken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken[id] = broken
}

func (m *tally) Name() string    { return "tally" }
func (m *tally) Revision() int   { return m.revision }
func (m *tally) Kinds() []string { return m.kinds }

func (m *tally) Schema(generation int) projection.Schema {
	table := fmt.Sprintf("projection.tally_%d", generation)
	return projection.Schema{
		Tables: []string{table},
		Create: []string{`create table ` + table + ` (
			tenant text collate "C", kind text collate "C", id text collate "C", version bigint not null, skipped bigint not null,
			primary key (tenant, kind, id), check (version < 2 or id not like 'refused%'))`},
		Indexes: []projection.Index{
			{SQL: fmt.Sprintf("create index tally_%d_by_version on %s (version)", generation, table)},
			{SQL: "create index nowhere on nothing using nonsense (x)", Extension: "signet_no_such_extension"},
		},
		Views:  []projection.View{{Name: "projection.tally", Query: "select tenant, kind, id, version, skipped from " + table}},
		Digest: `select kind || '/' || id collate "C" as key, version * 1000 + skipped from ` + table + ` order by key`,
	}
}

func (m *tally) Open(generation int) projection.Fold {
	return &tallyFold{model: m, table: fmt.Sprintf("projection.tally_%d", generation), rows: make(map[eventstore.StreamID]*tallyRow)}
}

type tallyRow struct{ version, skipped int64 }

type tallyFold struct {
	model *tally
	table string
	rows  map[eventstore.StreamID]*tallyRow
}

func (f *tallyFold) Len() int { return len(f.rows) }

func (f *tallyFold) row(ctx context.Context, q projection.Querier, id eventstore.StreamID) (*tallyRow, error) {
	if row, ok := f.rows[id]; ok {
		return row, nil
	}
	rows, err := q.Query(ctx, "select version, skipped from "+f.table+" where tenant = $1 and kind = $2 and id = $3", id.Tenant, id.Kind, id.ID)
	if err != nil {
		return nil, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, func(r pgx.CollectableRow) (t tallyRow, err error) {
		return t, r.Scan(&t.version, &t.skipped)
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	f.rows[id] = &row
	return &row, nil
}

func (f *tallyFold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) (failed []*projection.EventError, err error) {
	f.model.mu.Lock()
	defer f.model.mu.Unlock()
	if f.model.fault != nil {
		return nil, f.model.fault
	}
	var ended []eventstore.StreamID
	for _, ev := range events {
		if slices.Contains(ended, ev.Stream) {
			continue
		}
		row, err := f.row(ctx, q, ev.Stream)
		if err != nil {
			return nil, err
		}
		if int64(ev.Version) != row.version+1 {
			return nil, fmt.Errorf("%s has %d events and gets number %d", ev.Stream.ID, row.version, ev.Version)
		}
		if ev.Version == 2 && f.model.broken[ev.Stream.ID] {
			failed = append(failed, &projection.EventError{Position: ev.Position, Stream: ev.Stream, Err: errBroken})
			ended = append(ended, ev.Stream)
			continue
		}
		row.version++
	}
	return failed, nil
}

func (f *tallyFold) Skip(ctx context.Context, q projection.Querier, ev *eventstore.Event) error {
	row, err := f.row(ctx, q, ev.Stream)
	if err == nil {
		row.version, row.skipped = row.version+1, row.skipped+1
	}
	return err
}

func (f *tallyFold) Queue(batch *pgx.Batch) {
	for id, row := range f.rows {
		if row.version == 0 {
			continue
		}
		batch.Queue("insert into "+f.table+" values ($1, $2, $3, $4, $5) on conflict (tenant, kind, id) do update set version = excluded.version, skipped = excluded.skipped",
			id.Tenant, id.Kind, id.ID, row.version, row.skipped)
	}
	clear(f.rows)
}

func (f *tallyFold) Write(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	f.Queue(batch)
	return tx.SendBatch(ctx, batch).Close()
}
