package eventstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/puddle/v2"
	"github.com/rs/zerolog"
)

// readerConns is how many reads of the log run at once: those of three groups, and of stretches besides.
const readerConns = 3*groupReaders + 2

// Options of a Store. The zero value is usable.
type Options struct {
	Logger zerolog.Logger
	// Now is the clock that stamps events; time.Now by default.
	Now func() time.Time
	// Observers are called with every event this process appends, after its commit and before Append returns: each stream's
	// events in their order, but from several goroutines, and not in the log's order. They must be quick and must not append.
	Observers []func([]Event)
}

// Store is the log in one Postgres database. It is safe for concurrent use.
type Store struct {
	pool    *pgxpool.Pool
	own     *pgxpool.Pool // of the committers and the high-water reader: no caller can keep them waiting
	readers *pgxpool.Pool // of reads by stream, by subject and along the log: no list can keep them waiting
	opts    Options

	streams *Group[streamAfter, Loaded] // with who caused the events
	loads   *Group[streamAfter, Loaded] // without
	keys    *Group[keyOwner, []byte]

	queue       queue
	water       watermark
	checkpoints checkpoints

	stop    context.CancelFunc
	closing <-chan struct{} // closed by stop
	done    sync.WaitGroup
}

// Open starts the store's committers, its high-water reader and its listener. The pool stays the caller's; they and reads of the
// log use connections of their own, with the same settings but for plans.
func Open(ctx context.Context, pool *pgxpool.Pool, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	own, err := pgxpool.NewWithConfig(ctx, steady(pool.Config(), committers+1))
	if err != nil {
		return nil, fmt.Errorf("eventstore: open: %w", Unavailable(err))
	}
	readers, err := pgxpool.NewWithConfig(ctx, steady(pool.Config(), readerConns))
	if err != nil {
		own.Close()
		return nil, fmt.Errorf("eventstore: open: %w", Unavailable(err))
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{pool: pool, own: own, readers: readers, opts: opts, stop: stop, closing: run.Done()}
	s.streams, s.loads, s.keys = NewGroup(s.readStreams), NewGroup(s.loadStreams), NewGroup(s.readKeys)
	s.queue.init()
	s.water.init()
	s.checkpoints.init()

	if err := s.raiseWater(ctx); err != nil {
		stop()
		s.closePools()
		return nil, fmt.Errorf("eventstore: open: %w", err)
	}
	for range committers {
		s.done.Go(s.commitLoop)
	}
	s.done.Go(func() { s.waterLoop(run) })
	s.done.Go(func() { s.listenLoop(run) })
	s.done.Go(func() { s.statisticsLoop(run) })
	return s, nil
}

// Close waits for appends under way, refuses new ones, and ends the store's goroutines.
func (s *Store) Close() {
	s.queue.close()
	s.stop()
	s.done.Wait()
	s.closePools()
}

func (s *Store) closePools() {
	s.own.Close()
	s.readers.Close()
}

// steady derives a pool of the store: few connections, and plans that are made once. Its statements find what an array or a
// range names in one index. Any other plan would be slower on a large table, and those that write would lock in an order of
// their own; left to itself, Postgres plans most of them anew each time, for as long as carrying them out.
func steady(base *pgxpool.Config, conns int32) *pgxpool.Config {
	c := base.Copy()
	c.MaxConns, c.MinConns, c.MinIdleConns = conns, 0, 0
	for name, value := range map[string]string{
		"plan_cache_mode":                     "force_generic_plan",
		"enable_hashjoin":                     "off",
		"enable_mergejoin":                    "off",
		"enable_seqscan":                      "off",
		"idle_in_transaction_session_timeout": "10s",
		"lock_timeout":                        "5s",
		"jit":                                 "off",
	} {
		c.ConnConfig.RuntimeParams[name] = value
	}
	return c
}

// Unavailable marks errors of Postgres that pass by themselves as ErrUnavailable: a connection that was lost or refused, a
// server that starts, stops or has no room, a store that was closed. Other errors, and those of a context that ended, stay as they are.
func Unavailable(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) || !passes(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func passes(err error) bool {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		// 08 connection exception, 57P operator intervention, 53 insufficient resources, 40 deadlock and the like, 25006 and
		// 25P03 a connection that went to a standby or sat idle, 55P03 a lock that took too long.
		return slices.ContainsFunc([]string{"08", "57P", "53", "40", "25006", "25P03", "55P03"}, func(class string) bool {
			return strings.HasPrefix(server.Code, class)
		})
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	_, refused := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return refused || network || pgconn.SafeToRetry(err) || errors.Is(err, puddle.ErrClosedPool) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// queryOne runs a statement that answers at most one row and reports whether there was one.
func (s *Store) queryOne(ctx context.Context, sql string, args []any, dest ...any) (bool, error) {
	err := s.pool.QueryRow(ctx, sql, args...).Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, Unavailable(err)
}
