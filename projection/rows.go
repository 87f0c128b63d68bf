package projection

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

// Key names what a stream is about among all of its kind.
type Key struct{ Tenant, ID string }

// KeyOf returns the key of what a stream is about.
func KeyOf(stream eventstore.StreamID) Key { return Key{stream.Tenant, stream.ID} }

// Rows are the rows that a fold holds, each with what else the fold knows about it.
type Rows[E any] map[Key]*E

// Of returns the row of a stream, a zero one where none is held.
func (r Rows[E]) Of(stream eventstore.StreamID) *E {
	k := KeyOf(stream)
	e, held := r[k]
	if !held {
		e = new(E)
		r[k] = e
	}
	return e
}

// Missing returns the rows that events of a kind continue and that are not held. A stream whose first event is among them has none.
func (r Rows[E]) Missing(events []eventstore.Event, kind string) (keys Keys) {
	asked := make(map[Key]struct{})
	for i := range events {
		ev := &events[i]
		k := KeyOf(ev.Stream)
		if _, held := r[k]; held || ev.Stream.Kind != kind {
			continue
		}
		if _, twice := asked[k]; twice {
			continue
		}
		asked[k] = struct{}{}
		if ev.Version > 1 {
			keys.Add(k)
		}
	}
	return keys
}

// Keys are keys by column, as unnest takes them.
type Keys struct{ tenants, ids []string }

// Add adds a key.
func (k *Keys) Add(key Key) { k.tenants, k.ids = append(k.tenants, key.Tenant), append(k.ids, key.ID) }

// Loading is a query for rows.
type Loading struct {
	What  string // it reads, for errors
	Query string // has a place for the name of the table, and takes tenants and ids
	Table string
}

// Load hands on what a query about the keys returns, row by row. Without keys it is not asked.
func (k *Keys) Load(ctx context.Context, q Querier, l Loading, take func(pgx.Rows) error) error {
	if len(k.ids) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, fmt.Sprintf(l.Query, l.Table), k.tenants, k.ids)
	if err != nil {
		return fmt.Errorf("load %s: %w", l.What, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return fmt.Errorf("load %s: %w", l.What, err)
		}
	}
	return rows.Err()
}

// Entry is a row of which a fold knows nothing else but whether events changed it.
type Entry[R any] struct {
	Row     R
	Changed bool
}

// ChangedRows returns the changed rows in the order of their keys.
func ChangedRows[R any](held Rows[Entry[R]]) []*R {
	keys := make([]Key, 0, len(held))
	for k, e := range held {
		if e.Changed {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.ID, b.ID))
	})
	rows := make([]*R, len(keys))
	for i, k := range keys {
		rows[i] = &held[k].Row
	}
	return rows
}

// WriteQueued is a fold's Write that is its Queue at once. An error says what could not be written.
func WriteQueued(ctx context.Context, tx pgx.Tx, what string, queue func(*pgx.Batch)) error {
	batch := &pgx.Batch{}
	queue(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write %s: %w", what, err)
	}
	return nil
}
