package projection

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

// Order asks a projection to go on with a parked stream.
type Order struct {
	Projection string
	Stream     eventstore.StreamID
	Actor      string // who asks
}

// Retry has a parked stream tried again from the event it waits behind. It records the order and waits until the
// projection has carried it out; the result is the stream's parking when it waits again, nil when it goes on. When ctx
// ends before, the order stays recorded and the error wraps eventstore.ErrUnavailable. ErrNotParked.
func (o *Operator) Retry(ctx context.Context, order Order) (*Parked, error) {
	return o.give(ctx, order, 0, &eventv1.ProjectionParkedRetried{
		StreamKind: order.Stream.Kind, StreamId: order.Stream.ID,
	})
}

// Skip has the projection go past the one event at position, which must be the one the stream waits behind, without
// applying it; in every rebuild too. Otherwise it is as Retry.
func (o *Operator) Skip(ctx context.Context, order Order, position eventstore.Position) (*Parked, error) {
	if position <= 0 {
		return nil, ErrNotParked
	}
	return o.give(ctx, order, position, &eventv1.ProjectionParkedSkipped{
		StreamKind: order.Stream.Kind, StreamId: order.Stream.ID, Position: int64(position),
	})
}

func (o *Operator) give(ctx context.Context, order Order, position eventstore.Position, msg proto.Message) (*Parked, error) {
	if _, err := o.model(order.Projection); err != nil {
		return nil, err
	}
	waiting, err := o.parked(ctx, order)
	if err != nil {
		return nil, err
	}
	if waiting == nil || position != 0 && waiting.Position != position {
		return nil, ErrNotParked
	}
	recorded, err := o.record(ctx, order, msg)
	if err != nil {
		return nil, err
	}
	if err := o.log.Store.Await(ctx, order.Projection, recorded); err != nil {
		return nil, fmt.Errorf("projection: the order is recorded at %d and not yet carried out: %w", recorded, err)
	}
	return o.parked(ctx, order)
}

func (o *Operator) parked(ctx context.Context, order Order) (*Parked, error) {
	list, err := parkedStreams(ctx, o.log.Pool, order.Projection)
	if err != nil {
		return nil, fmt.Errorf("projection: parked streams: %w", err)
	}
	if i := slices.IndexFunc(list, func(p Parked) bool { return p.Stream == order.Stream }); i >= 0 {
		return &list[i], nil
	}
	return nil, nil
}

// record appends the order to the projection's own stream.
func (o *Operator) record(ctx context.Context, order Order, msg proto.Message) (eventstore.Position, error) {
	stream := eventstore.StreamID{Tenant: order.Stream.Tenant, Kind: orders, ID: order.Projection}
	id, err := uuid.NewV7()
	if err != nil {
		return 0, err
	}
	event, err := o.log.Codec.Encode(vault.Key{}, stream, "", id, msg)
	if err != nil {
		return 0, err
	}
	for {
		head, err := o.log.Store.StreamHead(ctx, stream)
		if err != nil {
			return 0, err
		}
		receipt, err := o.log.Store.Append(ctx, eventstore.Change{
			Stream: stream, Expected: head.Version, Events: []eventstore.NewEvent{event},
			Metadata: eventstore.Metadata{Actor: order.Actor},
		})
		// Orders do not depend on each other: another operator's, given meanwhile, changes nothing about this one.
		if errors.Is(err, eventstore.ErrConflict) {
			continue
		}
		return receipt.Position, err
	}
}
