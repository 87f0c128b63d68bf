package notification

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification/channel"
)

// kindDelivery is the kind of the streams that hold what became of a code event.
const kindDelivery = "delivery"

// systemActor is the actor of outcomes.
const systemActor = "system"

// attempt is one call of a provider, as far as the log knows.
type attempt struct {
	at     time.Time
	holder string
}

// delivery is the fold of one delivery stream.
type delivery struct {
	stream   eventstore.StreamID
	owner    string // organization of the user
	version  uint64
	attempts uint32
	open     map[uint32]attempt // attempts without an outcome, by number
	refused  map[string]bool    // providers that will never take the message
	maybe    bool               // an attempt ended uncertain
	settled  bool
	last     time.Time // of the last event; zero for none
}

func newDelivery(tenant string, eventID uuid.UUID) *delivery {
	return &delivery{
		stream:  eventstore.StreamID{Tenant: tenant, Kind: kindDelivery, ID: eventID.String()},
		open:    make(map[uint32]attempt),
		refused: make(map[string]bool),
	}
}

func (d *delivery) apply(ev *eventstore.Event, msg proto.Message) {
	d.version, d.last = ev.Version, ev.RecordedAt
	switch m := msg.(type) {
	case *eventv1.DeliveryAttempted:
		d.attempts = m.Attempt
		d.open[m.Attempt] = attempt{at: ev.RecordedAt, holder: ev.Correlate}
	case *eventv1.DeliveryFailed:
		delete(d.open, m.Attempt)
		switch m.Reason {
		case channel.ClassPermanent.String():
			d.refused[m.Provider] = true
		case channel.ClassUncertain.String():
			d.maybe = true
		}
	case *eventv1.DeliverySent, *eventv1.DeliveryAbandoned:
		d.settled = true
		clear(d.open)
	}
}

// repeats reports whether the recipient may have the message already.
func (d *delivery) repeats() bool { return d.maybe || len(d.open) > 0 }

// heldUntil returns when every attempt that another process left open counts as dead; zero when none is open.
func (d *delivery) heldUntil(holder string, lease time.Duration) time.Time {
	var until time.Time
	for _, a := range d.open {
		if end := a.at.Add(lease); a.holder != holder && end.After(until) {
			until = end
		}
	}
	return until
}

// ledger reads and writes delivery streams, and knows which deliveries this process has in hand.
type ledger struct {
	store  *eventstore.Store
	codec  *codec.Codec
	newID  func() uuid.UUID
	holder string

	mu     sync.Mutex
	inHand map[uuid.UUID]struct{}
}

// take reserves a delivery within this process; false when it is in hand already.
func (l *ledger) take(eventID uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, taken := l.inHand[eventID]; taken {
		return false
	}
	l.inHand[eventID] = struct{}{}
	return true
}

// put gives a delivery back.
func (l *ledger) put(eventID uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.inHand, eventID)
}

// load folds the delivery stream of an event.
func (l *ledger) load(ctx context.Context, tenant string, eventID uuid.UUID) (*delivery, error) {
	d := newDelivery(tenant, eventID)
	_, err := l.catchUp(ctx, d, uuid.Nil)
	return d, err
}

// catchUp folds what the stream has got since d, and reports whether the event id is among it.
func (l *ledger) catchUp(ctx context.Context, d *delivery, id uuid.UUID) (bool, error) {
	events, err := l.store.ReadStream(ctx, d.stream, d.version)
	if err != nil {
		return false, fmt.Errorf("notification: read delivery: %w", err)
	}
	found := false
	for i := range events {
		msg, err := l.codec.Decode(ctx, &events[i], codec.Open)
		if err != nil {
			return false, fmt.Errorf("notification: decode delivery: %w", err)
		}
		d.apply(&events[i], msg.Proto)
		found = found || events[i].ID == id
	}
	return found, nil
}

// errOvertaken says that another worker wrote to the stream first.
var errOvertaken = errors.New("notification: another worker is at this delivery")

// begin records an attempt, unless somebody wrote to the stream since d was folded: errOvertaken.
func (l *ledger) begin(ctx context.Context, d *delivery, ch channel.Channel, provider string) error {
	id := l.newID()
	err := l.append(ctx, d, id, &eventv1.DeliveryAttempted{
		Attempt: d.attempts + 1, Channel: string(ch), Provider: provider,
	})
	if !errors.Is(err, eventstore.ErrConflict) {
		return err
	}
	// An append whose answer got lost conflicts with itself.
	written, err := l.catchUp(ctx, d, id)
	if err == nil && !written {
		err = errOvertaken
	}
	return err
}

// settle records an outcome, whatever else the stream has got meanwhile, unless the delivery is settled already.
func (l *ledger) settle(ctx context.Context, d *delivery, outcome proto.Message) error {
	id := l.newID()
	for !d.settled {
		err := l.append(ctx, d, id, outcome)
		if !errors.Is(err, eventstore.ErrConflict) {
			return err
		}
		written, err := l.catchUp(ctx, d, id)
		if err != nil || written {
			return err
		}
	}
	return nil
}

func (l *ledger) append(ctx context.Context, d *delivery, id uuid.UUID, msg proto.Message) error {
	event, err := l.codec.Encode(vault.Key{}, d.stream, "", id, msg)
	if err != nil {
		return fmt.Errorf("notification: encode: %w", err)
	}
	cause, err := uuid.Parse(d.stream.ID)
	if err != nil {
		return fmt.Errorf("notification: delivery stream: %w", err)
	}
	receipt, err := l.store.Append(ctx, eventstore.Change{
		Stream:   d.stream,
		Owner:    d.owner,
		Expected: d.version,
		Events:   []eventstore.NewEvent{event},
		Metadata: eventstore.Metadata{Actor: systemActor, Cause: cause, Correlate: l.holder},
	})
	if err != nil {
		return fmt.Errorf("notification: append: %w", err)
	}
	d.apply(&eventstore.Event{Version: receipt.Version, RecordedAt: receipt.RecordedAt, Correlate: l.holder}, msg)
	return nil
}
