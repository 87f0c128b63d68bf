package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Migrate makes the schema "projection" and, for each model that has none, empty tables with their indexes and views.
// Tables of an earlier revision stay: the runner builds their successors while they serve. Concurrent callers wait for
// each other. It comes after eventstore.Migrate.
func Migrate(ctx context.Context, conn *pgx.Conn, models ...Model) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlMigrationLock, migrationLock); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSchema); err != nil {
			return err
		}
		for _, m := range models {
			if err := addModel(ctx, tx, m); err != nil {
				return fmt.Errorf("model %s: %w", m.Name(), err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("projection: migrate: %w", err)
	}
	return nil
}

func addModel(ctx context.Context, tx pgx.Tx, m Model) error {
	_, err := loadLive(ctx, tx, m.Name())
	if err == nil || !errors.Is(err, ErrNotMigrated) {
		return err
	}
	const first = 1
	schema := m.Schema(first)
	if err := createTables(ctx, tx, m, first); err != nil {
		return err
	}
	if err := offerExtensions(ctx, tx, schema); err != nil {
		return err
	}
	indexes, err := usableIndexes(ctx, tx, schema)
	if err != nil {
		return err
	}
	for _, index := range indexes {
		if _, err := tx.Exec(ctx, index); err != nil {
			return err
		}
	}
	if err := publish(ctx, tx, schema); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlAddModel, m.Name(), m.Revision(), first); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlAddCheckpoint, m.Name(), first)
	return err
}

func createTables(ctx context.Context, tx pgx.Tx, m Model, generation int) error {
	schema := m.Schema(generation)
	if _, err := tx.Exec(ctx, sqlAddGeneration, m.Name(), generation, schema.Tables); err != nil {
		return err
	}
	for _, statement := range schema.Create {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// offerExtensions tries to make the extensions that indexes would use. A database that has none of them, or a user who
// may not create them, is as good: only those indexes are missing then.
func offerExtensions(ctx context.Context, tx pgx.Tx, schema Schema) error {
	for _, index := range schema.Indexes {
		if index.Extension == "" {
			continue
		}
		// A failed attempt ends its savepoint only.
		err := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "create extension if not exists "+pgx.Identifier{index.Extension}.Sanitize())
			return err
		})
		if err != nil && sqlState(err) == "" {
			return err
		}
	}
	return nil
}

func usableIndexes(ctx context.Context, q Querier, schema Schema) ([]string, error) {
	rows, err := q.Query(ctx, sqlExtensions)
	if err != nil {
		return nil, err
	}
	extensions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var usable []string
	for _, index := range schema.Indexes {
		if index.Extension == "" || slices.Contains(extensions, index.Extension) {
			usable = append(usable, index.SQL)
		}
	}
	return usable, nil
}

// stateViewShape is invalid_table_definition: the view's columns changed.
const stateViewShape = "42P16"

// publish points the views at a generation. A view keeps its identity and grants as long as its columns stay.
func publish(ctx context.Context, tx pgx.Tx, schema Schema) error {
	for _, view := range schema.Views {
		create := "create or replace view " + view.Name + " as " + view.Query
		err := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, create)
			return err
		})
		if sqlState(err) == stateViewShape {
			if _, err = tx.Exec(ctx, "drop view "+view.Name); err == nil {
				_, err = tx.Exec(ctx, create)
			}
		}
		if err != nil {
			return fmt.Errorf("view %s: %w", view.Name, err)
		}
	}
	return nil
}

// live is a model's generation in service.
type live struct {
	generation, revision int
	position             int64
	term                 int64
}

func loadLive(ctx context.Context, q Querier, name string) (live, error) {
	rows, err := q.Query(ctx, sqlLive, name)
	if err != nil {
		return live{}, err
	}
	l, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (l live, err error) {
		return l, row.Scan(&l.generation, &l.revision, &l.position, &l.term)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return live{}, fmt.Errorf("%w: %s", ErrNotMigrated, name)
	}
	return l, err
}
