package projection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

// Phase is what a rebuild is doing.
type Phase string

// The phases, in their order.
const (
	Filling    Phase = "filling"
	Indexing   Phase = "indexing"
	CatchingUp Phase = "catching up"
	Swapping   Phase = "swapping"
	Comparing  Phase = "comparing" // of Verify, instead of the three before it
	Done       Phase = "done"
)

// Progress tells how far a rebuild or verification is.
type Progress struct {
	Model    string
	Phase    Phase
	Position eventstore.Position // taken in so far
	Target   eventstore.Position // where filling ends
	Events   int64               // taken in so far, of the streams the model follows
	Elapsed  time.Duration
}

// Rate is in events per second since the start.
func (p *Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Events) / p.Elapsed.Seconds()
}

// Left estimates how long filling goes on; 0 when that cannot be told yet.
func (p *Progress) Left() time.Duration {
	if p.Position <= 0 || p.Position >= p.Target {
		return 0
	}
	return time.Duration(float64(p.Elapsed) * float64(p.Target-p.Position) / float64(p.Position))
}

// Rebuilt is the outcome of a rebuild.
type Rebuilt struct {
	Generation int
	Position   eventstore.Position
	Events     int64
	Elapsed    time.Duration
	Parked     int // streams that could not be applied
}

const (
	// catchUpRounds bounds the catching up before the swap; what is left then is applied inside the swap.
	catchUpRounds = 50
	// shortStretch is what a swap may hold the checkpoint for: a few milliseconds' worth of events.
	shortStretch = 500
	// swapPatience is how long a swap waits for readers that use the views.
	swapPatience = "2s"
	swapTries    = 5
)

// rebuilding is one run of Rebuild or Verify.
type rebuilding struct {
	log    Log
	model  Model
	conn   *pgx.Conn
	apply  *applier
	report func(Phase)

	progress Progress
}

// Rebuild fills the model's next generation from the log while the live one serves, and swaps it in. Any process may do
// it, beside a running server. progress, which may be nil, is called from the calling goroutine several times a second.
// ErrBusy, ErrUnknownModel, ErrNotMigrated.
func (o *Operator) Rebuild(ctx context.Context, name string, progress func(Progress)) (Rebuilt, error) {
	var done Rebuilt
	err := o.build(ctx, name, progress, func(ctx context.Context, b *rebuilding) error {
		b.report(Filling)
		if err := b.fill(ctx, o.log.Store.HighWater()); err != nil {
			return err
		}
		b.report(Indexing)
		if err := b.index(ctx); err != nil {
			return err
		}
		b.report(CatchingUp)
		if err := b.catchUp(ctx); err != nil {
			return err
		}
		b.report(Swapping)
		if err := b.swap(ctx); err != nil {
			return err
		}
		b.report(Done)
		done = Rebuilt{
			Generation: b.apply.generation, Position: b.progress.Position, Events: b.progress.Events,
			Elapsed: b.progress.Elapsed, Parked: len(b.apply.parked),
		}
		return nil
	})
	if err != nil {
		return Rebuilt{}, fmt.Errorf("projection: rebuild %s: %w", name, err)
	}
	return done, nil
}

// build makes the tables of a new generation under the lease, has work done on them, and drops every generation that is
// not live afterwards: the old one, the new one if work failed, and what a crash left behind.
func (o *Operator) build(ctx context.Context, name string, progress func(Progress), work func(context.Context, *rebuilding) error) error {
	m, err := o.model(name)
	if err != nil {
		return err
	}
	conn, err := connect(ctx, o.log, building())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	l := leases{pool: o.log.Pool, holder: o.opts.Holder, ttl: o.opts.TTL, now: o.opts.Now}
	held, err := l.takeNow(ctx, conn, rebuildLease(name))
	if err != nil {
		return err
	}
	return held.hold(ctx, func(ctx context.Context) error {
		if _, err := loadLive(ctx, conn, name); err != nil {
			return err
		}
		if err := dropUnused(ctx, conn, name); err != nil {
			return err
		}
		b := &rebuilding{log: o.log, model: m, conn: conn, progress: Progress{Model: name}}
		b.report = reporter(&b.progress, progress)
		if err := b.begin(ctx); err != nil {
			return err
		}
		return errors.Join(work(ctx, b), o.tidy(ctx, name))
	})
}

// reporter tells of every change of phase at once, and within a phase ten times a second.
func reporter(p *Progress, tell func(Progress)) func(Phase) {
	began := time.Now()
	var last time.Time
	return func(phase Phase) {
		p.Elapsed = time.Since(began)
		if tell != nil && (phase != p.Phase || time.Since(last) >= 100*time.Millisecond) {
			last = time.Now()
			p.Phase = phase
			tell(*p)
		}
		p.Phase = phase
	}
}

// begin makes the tables.
func (b *rebuilding) begin(ctx context.Context) error {
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		var generation int
		if err := tx.QueryRow(ctx, sqlNextGeneration, b.model.Name()).Scan(&generation); err != nil {
			return err
		}
		b.apply = newApplier(b.log, b.model, generation)
		return createTables(ctx, tx, b.model, generation)
	})
}

// tidy drops the generations nobody uses, on a connection of its own, since the work's may be gone.
func (o *Operator) tidy(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	conn, err := connect(ctx, o.log, building())
	if err != nil {
		return nil // the next rebuild tidies up
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := dropUnused(ctx, conn, name); err != nil && ctx.Err() == nil {
		o.opts.Logger.Warn().Err(err).Str("projection", name).Msg("tables of a former generation stay until the next rebuild")
	}
	return nil
}

// dropUnused drops the tables of generations that are not live. A reader that still uses one is not waited for long: it
// is dropped by the next rebuild then.
func dropUnused(ctx context.Context, conn *pgx.Conn, name string) error {
	rows, err := conn.Query(ctx, sqlUnusedGenerations, name)
	if err != nil {
		return err
	}
	type generation struct {
		number int
		tables []string
	}
	unused, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g generation, err error) {
		return g, row.Scan(&g.number, &g.tables)
	})
	if err != nil {
		return err
	}
	for _, g := range unused {
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "set local lock_timeout = '"+swapPatience+"'"); err != nil {
				return err
			}
			for _, table := range g.tables {
				if _, err := tx.Exec(ctx, "drop table if exists "+table); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, sqlDropGeneration, name, g.number)
			return err
		})
		if err != nil && sqlState(err) != stateLockTimeout {
			return fmt.Errorf("drop generation %d: %w", g.number, err)
		}
	}
	return nil
}

// stateLockTimeout is lock_not_available.
const stateLockTimeout = "55P03"
