package notification

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/notification/channel"
)

const (
	// sweepLimit bounds the deliverables of one round, oldest first. What is beyond it has its turn when those are
	// settled, at the latest when they expire.
	sweepLimit = 10_000

	// sweepChunk bounds one read of events.
	sweepChunk = 500
)

// reconciler settles what fell through: references that JetStream lost, codes that expired unsent, deliverables that
// outlived their outcome.
type reconciler struct {
	store    *eventstore.Store
	codec    *codec.Codec
	queue    *queue
	record   *ledger
	sweepers []channel.Sweeper
	timing   Timing
	now      func() time.Time
	log      zerolog.Logger
}

func newReconciler(cfg Config, q *queue, record *ledger) *reconciler {
	r := &reconciler{
		store:  cfg.Store,
		codec:  cfg.Codec,
		queue:  q,
		record: record,
		timing: cfg.Timing,
		now:    cfg.Now,
		log:    cfg.Logger.With().Str("component", "notification.reconciler").Logger(),
	}
	seen := make(map[channel.Sweeper]bool)
	for _, providers := range cfg.Providers {
		for _, p := range providers {
			if s, ok := p.(channel.Sweeper); ok && !seen[s] {
				seen[s] = true
				r.sweepers = append(r.sweepers, s)
			}
		}
	}
	return r
}

// run reconciles at once and then periodically until ctx ends.
func (r *reconciler) run(ctx context.Context) {
	for {
		if err := r.reconcile(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn().Err(err).Msg("deliverables not reconciled")
		}
		for _, s := range r.sweepers {
			if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn().Err(err).Msg("provider not swept")
			}
		}
		if !pause(ctx, r.timing.Reconcile) {
			return
		}
	}
}

// reconcile goes through the overdue deliverables once.
func (r *reconciler) reconcile(ctx context.Context) error {
	pending, err := r.store.PendingDeliverables(ctx, r.now().Add(-r.timing.Overdue), sweepLimit)
	if err != nil {
		return err
	}
	var failed error
	for len(pending) > 0 {
		chunk := pending[:min(len(pending), sweepChunk)]
		pending = pending[len(chunk):]
		if err := r.chunk(ctx, chunk); err != nil {
			failed = errors.Join(failed, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return failed
}

func (r *reconciler) chunk(ctx context.Context, pending []eventstore.PendingDeliverable) error {
	positions := make([]eventstore.Position, len(pending))
	for i := range pending {
		positions[i] = pending[i].Position
	}
	events, err := r.store.EventsAt(ctx, positions...)
	if err != nil {
		return err
	}
	at := make(map[eventstore.Position]*eventstore.Event, len(events))
	for i := range events {
		at[events[i].Position] = &events[i]
	}
	var batch []outgoing
	for i := range pending {
		out, publish, err := r.consider(ctx, &pending[i], at[pending[i].Position])
		if err != nil {
			return err
		}
		if publish {
			batch = append(batch, out)
		}
	}
	if len(batch) == 0 {
		return nil
	}
	r.log.Info().Int("deliverables", len(batch)).Msg("publishing again")
	if err := r.queue.ensure(ctx); err != nil {
		return err
	}
	return r.queue.publish(ctx, batch)
}

// consider closes a deliverable that is settled or expired, and says what to publish for one that is overdue.
func (r *reconciler) consider(ctx context.Context, p *eventstore.PendingDeliverable, ev *eventstore.Event) (outgoing, bool, error) {
	if !r.record.take(p.EventID) {
		return outgoing{}, false, nil // a worker of this process is at it
	}
	defer r.record.put(p.EventID)
	d, err := r.record.load(ctx, p.Tenant, p.EventID)
	if err != nil {
		return outgoing{}, false, err
	}
	now := r.now()
	switch {
	case d.settled:
		return outgoing{}, false, r.store.DropDeliverable(ctx, p.Tenant, p.EventID)
	case !now.Before(p.ExpiresAt):
		if until := d.heldUntil(r.record.holder, r.timing.AttemptLease); now.Before(until) {
			return outgoing{}, false, nil // somebody is sending it at this moment
		}
		return outgoing{}, false, r.expire(ctx, d, p, ev)
	case ev == nil || !d.last.IsZero() && now.Before(d.last.Add(r.timing.MaxBackoff+r.timing.AckWait)):
		return outgoing{}, false, nil // a worker's retry is on its way
	}
	ch, ok := r.channel(ctx, ev)
	if !ok {
		return outgoing{}, false, nil
	}
	return outgoing{
		reference: reference{Position: ev.Position, Event: ev.ID, Tenant: ev.Stream.Tenant},
		channel:   ch,
		messageID: ev.ID.String() + "/" + strconv.FormatInt(now.UnixNano()/int64(dedupWindow), 10),
	}, true, nil
}

// expire closes a deliverable whose code is dead.
func (r *reconciler) expire(ctx context.Context, d *delivery, p *eventstore.PendingDeliverable, ev *eventstore.Event) error {
	if ev != nil {
		head, err := r.store.StreamHead(ctx, ev.Stream)
		if err != nil {
			return err
		}
		d.owner = head.Owner
	}
	if err := r.record.settle(ctx, d, &eventv1.DeliveryAbandoned{Reason: reasonExpired}); err != nil {
		return fmt.Errorf("notification: expire: %w", err)
	}
	return r.store.DropDeliverable(ctx, p.Tenant, p.EventID)
}

func (r *reconciler) channel(ctx context.Context, ev *eventstore.Event) (channel.Channel, bool) {
	if t, known := topicOf(ev.Type); known && t.notice {
		return channel.Email, true
	}
	msg, err := r.codec.Decode(ctx, ev, codec.Open)
	if err != nil {
		return "", false
	}
	code, err := codeOf(msg.Proto)
	if err != nil {
		return "", false
	}
	return channelOf(code.Medium)
}
