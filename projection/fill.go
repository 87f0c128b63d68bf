package projection

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/signet-iam/signet/eventstore"
)

const (
	// fillBatch is how many events one read of a fill takes.
	fillBatch = 10_000
	// fillRows is how many rows a fill folds in memory before it writes them, some 100 MB of users. A row that is written
	// and goes on later costs a read and a second write, so this is as large as a small machine bears.
	fillRows = 128_000
	// fillMemory is what Postgres may take to sort one index.
	fillMemory = "256MB"
)

// fill takes in the log up to a position. Reading runs ahead of folding. When Postgres refuses a row, the tables are
// emptied and filled again in small steps that find it.
func (b *rebuilding) fill(ctx context.Context, upTo eventstore.Position) error {
	b.progress.Target = upTo
	err := b.fillSpans(ctx, upTo)
	if !refusesRow(err) {
		return err
	}
	for _, table := range b.model.Schema(b.apply.generation).Tables {
		if _, err := b.conn.Exec(ctx, "truncate "+table); err != nil {
			return err
		}
	}
	b.apply = newApplier(b.log, b.model, b.apply.generation)
	b.progress.Position, b.progress.Events = 0, 0
	return b.each(ctx, upTo, func(s stretch) error { return b.write(ctx, s) })
}

// fillSpans folds as many stretches as memory allows before it writes their rows.
func (b *rebuilding) fillSpans(ctx context.Context, upTo eventstore.Position) error {
	fold := b.model.Open(b.apply.generation)
	flush := func() error {
		return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error { return fold.Write(ctx, tx) })
	}
	err := b.each(ctx, upTo, func(s stretch) error {
		if err := b.apply.take(ctx, b.conn, fold, s.events); err != nil {
			return err
		}
		if fold.Len() < fillRows {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// each reads the log from the progress's position to upTo, one stretch ahead, and counts what take has done.
func (b *rebuilding) each(ctx context.Context, upTo eventstore.Position, take func(stretch) error) error {
	if b.progress.Position >= upTo {
		return nil
	}
	group, reading := errgroup.WithContext(ctx)
	ahead := make(chan stretch, 2)
	from := b.progress.Position
	group.Go(func() error {
		defer close(ahead)
		batch := eventstore.Batch{After: from, UpTo: upTo, Kinds: append([]string{orders}, b.model.Kinds()...), Limit: fillBatch}
		for batch.After < upTo {
			s, err := readStretch(reading, b.log.Store, batch)
			if err != nil {
				return err
			}
			select {
			case ahead <- s:
			case <-reading.Done():
				return reading.Err()
			}
			batch.After = s.upTo
		}
		return nil
	})
	// The caller's goroutine takes: it owns the fold and the connection, and progress is reported from it.
	var failed error
	for s := range ahead {
		if failed != nil {
			continue
		}
		if failed = take(s); failed != nil {
			group.Go(func() error { return failed }) // ends the reader
			continue
		}
		b.progress.Position = s.upTo
		b.progress.Events += int64(len(s.events))
		b.report(b.progress.Phase)
	}
	if err := group.Wait(); failed == nil {
		failed = err
	}
	return failed
}

// write applies a stretch in a transaction of its own, and finds rows that Postgres refuses.
func (b *rebuilding) write(ctx context.Context, s stretch) error {
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error { return b.apply.applyHalving(ctx, tx, s.events) })
}

// index builds the secondary indexes on two connections, and gives the planner its statistics.
func (b *rebuilding) index(ctx context.Context) error {
	schema := b.model.Schema(b.apply.generation)
	statements, err := usableIndexes(ctx, b.conn, schema)
	if err != nil {
		return err
	}
	second, err := connect(ctx, b.log, building())
	if err != nil {
		return err
	}
	defer func() { _ = second.Close(context.WithoutCancel(ctx)) }()

	todo := make(chan string, len(statements))
	for _, statement := range statements {
		todo <- statement
	}
	close(todo)
	group, building := errgroup.WithContext(ctx)
	for _, conn := range []*pgx.Conn{b.conn, second} {
		group.Go(func() error { return buildIndexes(building, conn, todo) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, table := range schema.Tables {
		if _, err := b.conn.Exec(ctx, "analyze "+table); err != nil {
			return err
		}
	}
	return nil
}

func buildIndexes(ctx context.Context, conn *pgx.Conn, todo <-chan string) error {
	// Each connection is one worker already.
	if _, err := conn.Exec(ctx, "set maintenance_work_mem = '"+fillMemory+"'; set max_parallel_maintenance_workers = 0"); err != nil {
		return err
	}
	for statement := range todo {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("index: %w", err)
		}
	}
	return nil
}
