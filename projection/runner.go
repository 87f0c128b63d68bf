package projection

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/eventstore"
)

// Options of a Runner or an Operator. The zero value is usable.
type Options struct {
	Logger zerolog.Logger
	Holder string        // names this process in leases; a random name by default
	TTL    time.Duration // of leases; 5 s by default
	Pace   time.Duration // least time between the starts of two batches of a projection; 2 ms by default
	Batch  int           // most events in a batch; 2000 by default
	// Now is the clock of leases. By default that is the database's, which all processes share.
	Now func() time.Time
	// Progress hears of the rebuilds that the runner starts by itself. It may be nil.
	Progress func(Progress)
}

func (o Options) withDefaults() Options {
	if o.Holder == "" {
		o.Holder = uuid.NewString()
	}
	if o.TTL == 0 {
		o.TTL = 5 * time.Second
	}
	if o.Pace == 0 {
		o.Pace = 2 * time.Millisecond
	}
	if o.Batch == 0 {
		o.Batch = 2000
	}
	return o
}

const (
	retryFirst = 20 * time.Millisecond
	retryLast  = 2 * time.Second
	// standbyPoll is how often a standby looks whether the lease is free. Strong reads wait that long after the death of
	// a holder, so it is well below their patience.
	standbyPoll = 100 * time.Millisecond
)

// Runner keeps the tables of its models up with the log.
type Runner struct {
	log      Log
	opts     Options
	models   []Model
	feed     *feed
	operator *Operator
}

// NewRunner returns a runner; Run starts it.
func NewRunner(log Log, opts Options, models ...Model) *Runner {
	opts = opts.withDefaults()
	return &Runner{
		log: log, opts: opts, models: models,
		feed:     newFeed(log.Store, opts.Batch, models),
		operator: NewOperator(log, opts, models...),
	}
}

// Run follows the log until ctx ends, then releases the leases and returns. Faults of the database are waited out.
func (r *Runner) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, m := range r.models {
		running.Go(func() { r.run(ctx, m) })
	}
	running.Wait()
}

func (r *Runner) run(ctx context.Context, m Model) {
	logger := r.opts.Logger.With().Str("projection", m.Name()).Logger()
	retry := retryFirst
	for ctx.Err() == nil {
		began := time.Now()
		err := r.serve(ctx, m, logger)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			retry = retryFirst
			continue
		}
		if time.Since(began) > retryLast {
			retry = retryFirst
		}
		logger.Warn().Err(err).Dur("retry", retry).Msg("projection interrupted")
		pause(ctx, retry)
		retry = min(2*retry, retryLast)
	}
}

// pause waits, and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// serve is one stint: it brings the tables to the model's revision, or waits for the lease and follows the log under it.
// A nil error asks for the next stint at once.
func (r *Runner) serve(ctx context.Context, m Model, logger zerolog.Logger) error {
	current, err := loadLive(ctx, r.log.Pool, m.Name())
	if err != nil {
		return err
	}
	switch {
	case current.revision > m.Revision():
		logger.Warn().Int("revision", m.Revision()).Int("tables", current.revision).
			Msg("tables belong to a newer version of this program: standing aside")
		pause(ctx, r.opts.TTL)
		return nil
	case current.revision < m.Revision():
		return r.renew(ctx, m, logger)
	}
	conn, err := connect(ctx, r.log)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	held, err := r.standBy(ctx, conn, m)
	if err != nil || held == nil {
		return err
	}
	logger.Info().Int64("term", held.term).Msg("projection lease taken")
	return held.hold(ctx, func(ctx context.Context) error { return r.follow(ctx, conn, m, held) })
}

// renew rebuilds a model whose revision grew. Another process may be at it: then this one waits and looks again.
func (r *Runner) renew(ctx context.Context, m Model, logger zerolog.Logger) error {
	logger.Info().Int("revision", m.Revision()).Msg("model changed: rebuilding")
	_, err := r.operator.Rebuild(ctx, m.Name(), r.opts.Progress)
	if errors.Is(err, ErrBusy) {
		pause(ctx, standbyPoll)
		return nil
	}
	return err
}

// connect opens a projection's own connection: it carries the session lock of the lease and all batches.
func connect(ctx context.Context, log Log) (*pgx.Conn, error) {
	config := log.Pool.Config().ConnConfig.Copy()
	config.RuntimeParams["synchronous_commit"] = "off"             // see the package comment
	config.RuntimeParams["plan_cache_mode"] = "force_generic_plan" // arrays of any length, one plan
	config.RuntimeParams["jit"] = "off"
	config.RuntimeParams["application_name"] = "signet-projection"
	return pgx.ConnectConfig(ctx, config)
}

// standBy waits for the lease. It returns nil when the stint is to begin anew: the model's generation may have changed.
func (r *Runner) standBy(ctx context.Context, conn *pgx.Conn, m Model) (*lease, error) {
	name := leaseName(m.Name())
	l := leases{pool: r.log.Pool, holder: r.opts.Holder, ttl: r.opts.TTL, now: r.opts.Now}
	for {
		held, err := l.take(ctx, conn, name)
		if err != nil {
			return nil, err
		}
		current, err := loadLive(ctx, conn, m.Name())
		if err != nil || held != nil && current.revision == m.Revision() {
			return held, err
		}
		if held != nil {
			return nil, held.release(ctx)
		}
		if current.revision != m.Revision() || !pause(ctx, standbyPoll) {
			return nil, ctx.Err()
		}
	}
}

func leaseName(model string) string { return "projection:" + model }

// follower applies the log to the live generation under a lease.
type follower struct {
	runner *Runner
	conn   *pgx.Conn
	lease  *lease
	apply  *applier

	position eventstore.Position
	halving  bool // the last batch was refused: find the row
}

func (r *Runner) follow(ctx context.Context, conn *pgx.Conn, m Model, held *lease) error {
	f := &follower{runner: r, conn: conn, lease: held}
	if err := f.enter(ctx, m); err != nil {
		return err
	}
	var last time.Time
	for {
		if _, err := r.log.Store.AwaitHighWater(ctx, f.position); err != nil {
			return err
		}
		// Under load the log grows meanwhile, and the batch with it; after a quiet moment there is nothing to wait for.
		if wait := r.opts.Pace - time.Since(last); wait > 0 && !pause(ctx, wait) {
			return ctx.Err()
		}
		last = time.Now()
		s, err := r.feed.next(ctx, f.position)
		if err != nil {
			return err
		}
		switch err := f.step(ctx, s); {
		case errors.Is(err, errMoved):
			return nil // another generation or another holder: begin anew
		case refusesRow(err) && !f.halving:
			f.halving = true
			if err := f.apply.loadParked(ctx, conn); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			f.halving = false
		}
	}
}

// enter marks the checkpoint with this holder's term, which fences every earlier holder, and learns where to go on.
func (f *follower) enter(ctx context.Context, m Model) error {
	var generation int
	err := f.conn.QueryRow(ctx, sqlTakeCheckpoint, m.Name(), f.lease.term).Scan(&generation, &f.position)
	if errors.Is(err, pgx.ErrNoRows) {
		return errLeaseLost
	}
	if err != nil {
		return fmt.Errorf("take checkpoint: %w", err)
	}
	f.apply = newApplier(f.runner.log, m, generation)
	return f.apply.loadParked(ctx, f.conn)
}

// errMoved says that the checkpoint is not where, or whose, it was.
var errMoved = errors.New("projection: checkpoint has moved on")

// step applies one stretch and moves the checkpoint to its end, all or nothing.
func (f *follower) step(ctx context.Context, s stretch) error {
	name := f.apply.model.Name()
	err := pgx.BeginFunc(ctx, f.conn, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlMoveCheckpoint, name, f.apply.generation, f.lease.term, f.position, s.upTo)
		if err != nil {
			return fmt.Errorf("move checkpoint: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return errMoved
		}
		apply := f.apply.apply
		if f.halving {
			apply = f.apply.applyHalving
		}
		if err := apply(ctx, tx, s.events); err != nil {
			return fmt.Errorf("apply (%d, %d]: %w", s.after, s.upTo, err)
		}
		if err := f.apply.writeParked(ctx, tx); err != nil {
			return err
		}
		return f.runner.log.Store.Announce(ctx, tx, name, s.upTo)
	})
	if err != nil {
		return err
	}
	f.tell(s)
	return nil
}

// tell wakes those who wait for the checkpoint, and reports what the batch parked.
func (f *follower) tell(s stretch) {
	f.position = s.upTo
	f.runner.log.Store.Reached(f.apply.model.Name(), s.upTo)
	for stream := range f.apply.changed {
		if p, waits := f.apply.parked[stream]; waits {
			f.runner.opts.Logger.Error().Str("projection", f.apply.model.Name()).Str("stream", stream.ID).
				Int64("position", int64(p.position)).Str("reason", p.reason).Msg("stream parked")
		}
	}
	clear(f.apply.changed)
}
