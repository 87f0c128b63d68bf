package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
)

// Operator carries out what people ask of projections, beside a running server or inside it. It is safe for concurrent
// use.
type Operator struct {
	log    Log
	opts   Options
	models []Model
}

// NewOperator returns an operator over these models.
func NewOperator(log Log, opts Options, models ...Model) *Operator {
	return &Operator{log: log, opts: opts.withDefaults(), models: models}
}

func (o *Operator) model(name string) (Model, error) {
	i := slices.IndexFunc(o.models, func(m Model) bool { return m.Name() == name })
	if i < 0 {
		return nil, fmt.Errorf("%w: %q", ErrUnknownModel, name)
	}
	return o.models[i], nil
}

// Status is how one projection stands.
type Status struct {
	Name       string
	Generation int
	Revision   int // of the reducer that filled the tables
	Position   eventstore.Position
	Head       eventstore.Position // last committed position of the log
	Holder     string              // who holds the lease; empty: nobody runs the projection
	Term       int64
	UpdatedAt  time.Time // of the checkpoint
	Parked     []Parked
}

// Lag is the distance to the head in positions, of which some may be gaps.
func (s *Status) Lag() eventstore.Position { return max(s.Head-s.Position, 0) }

// Parked is a stream that waits behind an event which cannot be applied.
type Parked struct {
	Stream   eventstore.StreamID
	Position eventstore.Position // of that event
	Attempts int
	Error    string // a cause without values of the event
	ParkedAt time.Time
}

// Status returns how every migrated projection of the database stands, by name.
func (o *Operator) Status(ctx context.Context) ([]Status, error) {
	var clock any
	if o.opts.Now != nil {
		clock = o.opts.Now()
	}
	rows, err := o.log.Pool.Query(ctx, sqlStatus, clock)
	if err != nil {
		return nil, fmt.Errorf("projection: status: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Status, err error) {
		return s, row.Scan(&s.Name, &s.Generation, &s.Revision, &s.Position, &s.Term, &s.UpdatedAt, &s.Holder)
	})
	if err != nil {
		return nil, fmt.Errorf("projection: status: %w", err)
	}
	head, err := o.log.Store.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("projection: status: %w", err)
	}
	for i := range list {
		list[i].Head = head
		if list[i].Parked, err = parkedStreams(ctx, o.log.Pool, list[i].Name); err != nil {
			return nil, fmt.Errorf("projection: status: %w", err)
		}
	}
	return list, nil
}

func parkedStreams(ctx context.Context, q Querier, name string) ([]Parked, error) {
	rows, err := q.Query(ctx, sqlParked, name)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Parked, err error) {
		return p, row.Scan(&p.Stream.Tenant, &p.Stream.Kind, &p.Stream.ID, &p.Position, &p.Attempts, &p.Error, &p.ParkedAt)
	})
}

// Ready returns once every model has tables of its revision that reach what is the log's head now. When ctx ends first
// the error wraps eventstore.ErrUnavailable.
func (o *Operator) Ready(ctx context.Context) error {
	err := o.ready(ctx)
	if err != nil && ctx.Err() != nil && !errors.Is(err, eventstore.ErrUnavailable) {
		err = fmt.Errorf("%w: %w", eventstore.ErrUnavailable, err)
	}
	return err
}

func (o *Operator) ready(ctx context.Context) error {
	head, err := o.log.Store.Head(ctx)
	if err != nil {
		return err
	}
	for _, m := range o.models {
		current, err := loadLive(ctx, o.log.Pool, m.Name())
		if err != nil {
			return err
		}
		if current.revision < m.Revision() {
			return fmt.Errorf("%w: projection %s is being rebuilt", eventstore.ErrUnavailable, m.Name())
		}
		if err := o.log.Store.Await(ctx, m.Name(), head); err != nil {
			return err
		}
	}
	return nil
}
