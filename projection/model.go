package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

var (
	// ErrBusy says that a rebuild or a verification of the model is under way, here or in another process.
	ErrBusy = errors.New("projection: a rebuild or verification of this model is under way")

	// ErrNotParked says that the stream does not wait, or waits at another position.
	ErrNotParked = errors.New("projection: stream is not parked there")

	// ErrUnknownModel says that no model has this name.
	ErrUnknownModel = errors.New("projection: no such model")

	// ErrNotMigrated says that the model has no tables yet.
	ErrNotMigrated = errors.New("projection: model has no tables, run the migrations first")
)

// Model is a read model: a reducer and the tables it writes.
type Model interface {
	// Name is also the name of the checkpoint. It never changes.
	Name() string
	// Revision grows whenever the reducer or the schema changes: the tables are then built anew.
	Revision() int
	// Kinds are the kinds of stream the model follows.
	Kinds() []string
	Schema(generation int) Schema
	// Open returns a fold over the tables of a generation, holding no rows yet.
	Open(generation int) Fold
}

// Fold takes stretches of the log into memory and writes the rows that changed. It serves one goroutine.
type Fold interface {
	// Take folds events, which come in log order, and loads with q the rows they continue. Events that cannot be applied
	// are returned, the first of each stream; of those streams nothing further is taken. An error says that nothing is
	// known about the events, and the fold is to be thrown away.
	Take(ctx context.Context, q Querier, events []eventstore.Event) ([]*EventError, error)
	// Skip counts an event as taken in without applying it.
	Skip(ctx context.Context, q Querier, event *eventstore.Event) error
	// Queue queues statements that write the changed rows, and forgets all rows.
	Queue(batch *pgx.Batch)
	// Write is Queue for a fill: there are many rows, and the tables may have no indexes yet.
	Write(ctx context.Context, tx pgx.Tx) error
	// Len is the number of rows held.
	Len() int
}

// Querier is a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Schema is what a model needs in the database, for one generation. All names are qualified with schema "projection".
type Schema struct {
	Tables  []string // names, each with the generation in it
	Create  []string // statements that make the tables with their primary keys only
	Indexes []Index
	Views   []View
	// Digest is a query for (key text, digest bigint), ordered by key in the collation "C".
	Digest string
}

// Index is a secondary index, built after the first fill.
type Index struct {
	SQL       string
	Extension string // left out when the database lacks this extension; empty for none
}

// View shows a generation's table under a lasting name.
type View struct {
	Name, Query string
}

// EventError names an event that cannot be applied. The text of Err is shown to operators: it must hold no value of
// the event.
type EventError struct {
	Position eventstore.Position
	Stream   eventstore.StreamID
	Err      error
}

func (e *EventError) Error() string {
	return fmt.Sprintf("projection: event %d cannot be applied: %v", e.Position, e.Err)
}

// Unwrap returns the cause.
func (e *EventError) Unwrap() error { return e.Err }

// Log is where projections read events, and the database where they write.
type Log struct {
	Pool  *pgxpool.Pool
	Store *eventstore.Store
	Codec *codec.Codec
}
