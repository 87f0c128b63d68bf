package projection

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// orders is the kind of stream that carries operators' orders to projections.
const orders = "projection"

// parking is a stream that waits behind an event which cannot be applied.
type parking struct {
	position eventstore.Position
	attempts int
	reason   string
}

// applier applies stretches of the log to one generation of a model and keeps the set of parked streams.
type applier struct {
	log        Log
	model      Model
	generation int

	parked  map[eventstore.StreamID]parking
	changed map[eventstore.StreamID]struct{} // parkings that are not in the database as they are here
}

func newApplier(log Log, model Model, generation int) *applier {
	return &applier{
		log: log, model: model, generation: generation,
		parked:  make(map[eventstore.StreamID]parking),
		changed: make(map[eventstore.StreamID]struct{}),
	}
}

// clone returns a copy to go back to when a transaction fails.
func (a *applier) clone() *applier {
	c := *a
	c.parked, c.changed = maps.Clone(a.parked), maps.Clone(a.changed)
	return &c
}

// ours returns the events the model must see, in order.
func (a *applier) ours(events []eventstore.Event) []eventstore.Event {
	name, kinds := a.model.Name(), a.model.Kinds()
	return Select(events, func(ev *eventstore.Event) bool {
		if ev.Stream.Kind == orders {
			return ev.Stream.ID == name
		}
		return slices.Contains(kinds, ev.Stream.Kind)
	})
}

// apply writes a stretch of the log in a transaction.
func (a *applier) apply(ctx context.Context, tx pgx.Tx, events []eventstore.Event) error {
	fold := a.model.Open(a.generation)
	if err := a.take(ctx, tx, fold, events); err != nil {
		return err
	}
	return fold.Write(ctx, tx)
}

// applyHalving is apply for a stretch that may hold rows Postgres refuses. Each try has a savepoint; what fails is halved
// down to the event, and that event's stream is parked.
func (a *applier) applyHalving(ctx context.Context, tx pgx.Tx, events []eventstore.Event) error {
	before := a.clone()
	err := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error { return a.apply(ctx, inner, events) })
	if err == nil || !refusesRow(err) {
		return err
	}
	*a = *before
	if len(events) == 1 {
		// An order that leads to a refused row leaves its stream parked as it was.
		if events[0].Stream.Kind != orders {
			a.park(refusal(&events[0], err))
		}
		return nil
	}
	half := len(events) / 2
	if err := a.applyHalving(ctx, tx, events[:half]); err != nil {
		return err
	}
	return a.applyHalving(ctx, tx, events[half:])
}

// take folds a stretch up to each order, carries the order out, and goes on behind it.
func (a *applier) take(ctx context.Context, q Querier, fold Fold, events []eventstore.Event) error {
	events = a.ours(events)
	for len(events) > 0 {
		order := slices.IndexFunc(events, func(ev eventstore.Event) bool { return ev.Stream.Kind == orders })
		if order < 0 {
			return a.fold(ctx, q, fold, events)
		}
		if err := a.fold(ctx, q, fold, events[:order]); err != nil {
			return err
		}
		if err := a.obey(ctx, q, fold, &events[order]); err != nil {
			return err
		}
		events = events[order+1:]
	}
	return nil
}

func (a *applier) fold(ctx context.Context, q Querier, fold Fold, events []eventstore.Event) error {
	if len(a.parked) > 0 {
		events = Select(events, func(ev *eventstore.Event) bool {
			_, waits := a.parked[ev.Stream]
			return !waits
		})
	}
	if len(events) == 0 {
		return nil
	}
	failed, err := fold.Take(ctx, q, events)
	for _, f := range failed {
		a.park(f)
	}
	return err
}

func (a *applier) park(failed *EventError) {
	a.set(failed.Stream, parking{position: failed.Position, attempts: 1, reason: failed.Err.Error()})
}

func (a *applier) set(stream eventstore.StreamID, p parking) {
	a.parked[stream] = p
	a.changed[stream] = struct{}{}
}

// obey carries out an operator's order as of its place in the log. An order for a stream that is not parked (any more)
// is done already.
func (a *applier) obey(ctx context.Context, q Querier, fold Fold, event *eventstore.Event) error {
	decoded, err := a.log.Codec.Decode(ctx, event, codec.Open)
	if err != nil {
		if unreadable(err) {
			return nil // a later binary's order; it is of no use to this one
		}
		return err
	}
	stream := eventstore.StreamID{Tenant: event.Stream.Tenant}
	var skip eventstore.Position
	switch order := decoded.Proto.(type) {
	case *eventv1.ProjectionParkedRetried:
		stream.Kind, stream.ID = order.GetStreamKind(), order.GetStreamId()
	case *eventv1.ProjectionParkedSkipped:
		stream.Kind, stream.ID = order.GetStreamKind(), order.GetStreamId()
		skip = eventstore.Position(order.GetPosition())
	default:
		return nil
	}
	was, waits := a.parked[stream]
	if !waits || skip != 0 && skip != was.position {
		return nil
	}
	return a.resume(ctx, q, fold, resumption{stream: stream, was: was, skip: skip != 0, upTo: event.Position})
}

// resumption is a parked stream that goes on, up to the order's place in the log.
type resumption struct {
	stream eventstore.StreamID
	was    parking
	skip   bool
	upTo   eventstore.Position
}

func (a *applier) resume(ctx context.Context, q Querier, fold Fold, r resumption) error {
	events, err := a.log.Store.ReadStream(ctx, r.stream, 0)
	if err != nil {
		return err
	}
	events = slices.DeleteFunc(events, func(ev eventstore.Event) bool {
		return ev.Position < r.was.position || ev.Position > r.upTo
	})
	delete(a.parked, r.stream)
	a.changed[r.stream] = struct{}{}
	if r.skip && len(events) > 0 {
		if err := fold.Skip(ctx, q, &events[0]); err != nil {
			return err
		}
		events = events[1:]
	}
	if len(events) == 0 {
		return nil
	}
	failed, err := fold.Take(ctx, q, events)
	for _, f := range failed {
		next := parking{position: f.Position, attempts: 1, reason: f.Err.Error()}
		if f.Position == r.was.position {
			next.attempts = r.was.attempts + 1
		}
		a.set(f.Stream, next)
	}
	return err
}

// unreadable reports whether an event itself is at fault, and not the way to its key.
func unreadable(err error) bool {
	return errors.Is(err, codec.ErrDamaged) || errors.Is(err, codec.ErrUnknownType)
}

// loadParked reads the set of parked streams.
func (a *applier) loadParked(ctx context.Context, q Querier) error {
	list, err := parkedStreams(ctx, q, a.model.Name())
	if err != nil {
		return err
	}
	clear(a.parked)
	clear(a.changed)
	for _, p := range list {
		a.parked[p.Stream] = parking{position: p.Position, attempts: p.Attempts, reason: p.Error}
	}
	return nil
}

// writeParked brings eventstore.parked up to date with the batch that tx writes.
func (a *applier) writeParked(ctx context.Context, tx pgx.Tx) error {
	for stream := range a.changed {
		p, waits := a.parked[stream]
		var err error
		if waits {
			_, err = tx.Exec(ctx, sqlPark, a.model.Name(), stream.Tenant, stream.Kind, stream.ID, p.position, p.attempts, p.reason)
		} else {
			_, err = tx.Exec(ctx, sqlUnpark, a.model.Name(), stream.Tenant, stream.Kind, stream.ID)
		}
		if err != nil {
			return fmt.Errorf("park: %w", err)
		}
	}
	return nil
}

// replaceParked makes this set the model's, when its generation goes live.
func (a *applier) replaceParked(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sqlUnparkAll, a.model.Name()); err != nil {
		return err
	}
	for stream := range a.parked {
		a.changed[stream] = struct{}{}
	}
	return a.writeParked(ctx, tx)
}
