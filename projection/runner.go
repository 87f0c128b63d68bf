package projection

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"
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
	moves    moves
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
	conn, err := connect(ctx, r.log, following())
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
	done, err := r.operator.Rebuild(ctx, m.Name(), r.opts.Progress)
	if errors.Is(err, ErrBusy) {
		pause(ctx, standbyPoll)
		return nil
	}
	if err == nil {
		logger.Info().Int("revision", m.Revision()).Int("generation", done.Generation).Int64("events", done.Events).
			Dur("elapsed", done.Elapsed).Int("parked", done.Parked).Msg("model changed, rebuilt")
	}
	return err
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
