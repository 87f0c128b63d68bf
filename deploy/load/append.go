package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
)

const (
	appendStreams = 100_000
	payloadSize   = 150 // bytes, as large as most events
)

// contender is one side of the comparison, and what its rounds came to.
type contender struct {
	round    func(ctx context.Context, clients int) (tally, error)
	rates    []float64
	last     tally
	here     time.Duration // processor time of this process
	postgres time.Duration
	done     int // operations of all rounds
}

// appending compares the store with pgbench, each in a database of its own in the same server, by turns.
func (b *bench) appending(ctx context.Context) error {
	arena, err := openArena(ctx, b.base)
	if err != nil {
		return err
	}
	defer arena.close()
	b.say("%d streams are made", appendStreams)
	if err := arena.fill(ctx); err != nil {
		return err
	}
	inserts, err := newInserts(ctx, b.base, b.work)
	if err != nil {
		return err
	}
	for _, match := range []struct {
		clients int
		factor  float64
	}{{128, 1.5}, {32, .9}} {
		rival := contender{round: func(ctx context.Context, clients int) (tally, error) { return inserts.run(ctx, clients, b.duration) }}
		store := contender{round: func(ctx context.Context, clients int) (tally, error) { return arena.run(ctx, clients, b.duration) }}
		if _, err := arena.run(ctx, match.clients, warmUp); err != nil {
			return err
		}
		for range b.rounds {
			if err := errors.Join(rival.play(ctx, b.base, match.clients), store.play(ctx, b.base, match.clients)); err != nil {
				return err
			}
		}
		b.reportAppends(match.clients, match.factor, &store, &rival)
	}
	return nil
}

func (b *bench) reportAppends(clients int, factor float64, store, rival *contender) {
	ratio := median(store.rates) / median(rival.rates)
	r := store.row(fmt.Sprintf("append of one event through the store, %d callers", clients))
	r.goals = []goal{{
		target:  fmt.Sprintf("≥ %.1f × pgbench", factor),
		reached: ratio >= factor,
		figure:  fmt.Sprintf("%.2f × %s", ratio, perSecond(median(rival.rates))),
	}}
	b.report.add(r)
	b.report.add(rival.row(fmt.Sprintf("pgbench, insert of one row, %d clients", clients)))
	b.report.note("Appends, %d callers, rounds by turns: pgbench %s; store %s.", clients, rates(rival.rates), rates(store.rates))
}

// play runs one round and adds it up.
func (c *contender) play(ctx context.Context, base *database, clients int) error {
	postgres, err := base.processTime()
	if err != nil {
		return err
	}
	here, err := readTimes(os.Getpid())
	if err != nil {
		return err
	}
	if c.last, err = c.round(ctx, clients); err != nil {
		return err
	}
	hereAfter, err := readTimes(os.Getpid())
	if err != nil {
		return err
	}
	postgresAfter, err := base.processTime()
	if err != nil {
		return err
	}
	c.rates = append(c.rates, c.last.rate())
	c.done += c.last.operations
	c.here += hereAfter.own - here.own
	c.postgres += postgresAfter - postgres
	return nil
}

// row shows the median rate, the latencies of the last round and the processor time of all.
func (c *contender) row(name string) row {
	return row{
		name: name, rate: median(c.rates), p50: c.last.percentile(.5), p99: c.last.percentile(.99),
		signet: c.here / time.Duration(c.done), postgres: c.postgres / time.Duration(c.done),
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// arena is a store in this process over a database of its own.
type arena struct {
	pool     *pgxpool.Pool
	store    *eventstore.Store
	versions []atomic.Uint64 // of the streams
	payload  []byte
}

func openArena(ctx context.Context, base *database) (*arena, error) {
	dsn, err := base.create(ctx, "append")
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return nil, err
	}
	a := &arena{pool: pool, versions: make([]atomic.Uint64, appendStreams), payload: make([]byte, payloadSize)}
	err = pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return eventstore.Migrate(ctx, c.Conn()) })
	if err == nil {
		a.store, err = eventstore.Open(ctx, pool, eventstore.Options{})
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return a, nil
}

func (a *arena) close() {
	a.store.Close()
	a.pool.Close()
}

// fill makes the streams that exist.
func (a *arena) fill(ctx context.Context) error {
	crew, err := assemble(ctx, 128)
	if err != nil {
		return err
	}
	if _, err := crew.run(ctx, plan{count: appendStreams}, a.append); err != nil {
		return err
	}
	_, err = a.pool.Exec(ctx, "vacuum analyze", pgx.QueryExecModeSimpleProtocol)
	return err
}

func (a *arena) run(ctx context.Context, callers int, duration time.Duration) (tally, error) {
	crew, err := assemble(ctx, callers)
	if err != nil {
		return tally{}, err
	}
	return crew.run(ctx, plan{duration: duration}, a.append)
}

// append writes one event to the stream whose turn it is. Streams come round often enough apart that no two callers have
// the same one.
func (a *arena) append(_ *worker, n int) error {
	at := n % appendStreams
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	receipt, err := a.store.Append(context.Background(), eventstore.Change{
		Stream:   eventstore.StreamID{Tenant: "default", Kind: "load", ID: strconv.Itoa(at)},
		Owner:    "load",
		Expected: a.versions[at].Load(),
		Events:   []eventstore.NewEvent{{ID: id, Type: "load.appended", Payload: a.payload}},
		Metadata: eventstore.Metadata{Actor: "load"},
	})
	if err != nil {
		return err
	}
	a.versions[at].Store(receipt.Version)
	return nil
}
