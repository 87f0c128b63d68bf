package sessions

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// rowSize is about how many bytes a row takes in memory.
const rowSize = 1024

// endType is the type of the one event whose content does not matter.
const endType = "session.ended"

// entry is a row in memory.
type entry struct {
	row    Row
	stored bool // the table has it
	moved  bool // the table does not know its version yet
	facts  bool // nor more than that
	ended  bool
	// metadata are the values that events changed, nil where they removed one. What is not in it is as the table has it.
	metadata map[string][]byte
}

// fold holds the rows that a stretch of the log touches. Of stored rows it has only what events change.
type fold struct {
	model      *Model
	generation int
	table      string // of sessions
	rows       projection.Rows[entry]
	children   int // values of metadata, by the memory they take
}

// Len is the number of rows held; a large value counts as several.
func (f *fold) Len() int { return len(f.rows) + f.children }

// Take decodes and folds events. Secret parts stay closed.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	load := func([]codec.Message) error { return f.load(ctx, q, events) }
	taking := projection.Taking{Codec: f.model.codec, Depth: codec.Personal, Load: load, One: f.takeOne}
	return taking.Take(ctx, events)
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	e := f.rows.Of(ev.Stream)
	known, cause := follows(&e.row, ev)
	switch {
	case known || cause != nil:
		return cause, nil
	case e.ended:
		return errNoSession, nil
	}
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	next, cause := Apply(e.row, msg, ev)
	if cause != nil {
		return cause, nil
	}
	switch m := msg.(type) {
	case *eventv1.SessionMetadataSet:
		if projection.HasNulls(m.GetKey()) {
			return projection.ErrHasNulls, nil
		}
		// A value of an erased subject comes out as nil, which stands for something else here.
		f.keep(e, m.GetKey(), append([]byte{}, m.GetValue()...))
	case *eventv1.SessionMetadataRemoved:
		f.keep(e, m.GetKey(), nil)
	}
	e.replace(next, ev)
	return nil, nil
}

// keep notes a value of metadata, nil for none.
func (f *fold) keep(e *entry, name string, value []byte) {
	if e.metadata == nil {
		e.metadata = make(map[string][]byte)
	}
	e.metadata[name] = value
	f.children += 1 + len(value)/rowSize
}

// replace makes next the row that ev leaves.
func (e *entry) replace(next Row, ev *eventstore.Event) {
	e.facts = e.facts || !onlyMoved(e.row, next)
	e.row, e.moved = next, true
	if ev.Type == endType {
		e.ended, e.metadata = true, nil
	}
}

// Skip counts an event without applying it. The end of a session needs no understanding.
func (f *fold) Skip(ctx context.Context, q projection.Querier, ev *eventstore.Event) error {
	if err := f.load(ctx, q, []eventstore.Event{*ev}); err != nil {
		return err
	}
	e := f.rows.Of(ev.Stream)
	known, cause := follows(&e.row, ev)
	switch {
	case known, e.ended, errors.Is(cause, errNoSession): // there is nothing to count it in
		return nil
	case cause != nil:
		return cause
	}
	e.replace(skip(e.row, ev), ev)
	return nil
}

// load reads the rows that events continue.
func (f *fold) load(ctx context.Context, q projection.Querier, events []eventstore.Event) error {
	missing := f.rows.Missing(events, kind)
	loading := projection.Loading{What: "sessions", Query: loadRows, Table: f.table}
	return missing.Load(ctx, q, loading, func(rows pgx.Rows) error {
		e := &entry{stored: true}
		err := e.row.scan(rows)
		f.rows[projection.Key{Tenant: e.row.Tenant, ID: e.row.ID}] = e
		return err
	})
}
