package notification

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/notification/channel"
)

// relayBatch bounds one read of the log.
const relayBatch = 1000

// relay follows the log and publishes references. See the package documentation.
type relay struct {
	store      *eventstore.Store
	codec      *codec.Codec
	queue      *queue
	lease      *lease
	reconciler *reconciler
	timing     Timing
	now        func() time.Time
	log        zerolog.Logger
}

func newRelay(cfg Config, q *queue, record *ledger) *relay {
	log := cfg.Logger.With().Str("component", "notification.relay").Logger()
	return &relay{
		store:      cfg.Store,
		codec:      cfg.Codec,
		queue:      q,
		lease:      &lease{pool: cfg.Pool, holder: record.holder, ttl: cfg.Timing.Lease},
		reconciler: newReconciler(cfg, q, record),
		timing:     cfg.Timing,
		now:        cfg.Now,
		log:        log,
	}
}

// run stands by for the lease and leads while it has it.
func (r *relay) run(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		lease, err := r.lease.acquire(ctx)
		if err == nil {
			failures = 0
			err = r.lead(ctx, lease)
		}
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, errLeaseLost):
			pause(ctx, r.timing.Lease/3)
		default:
			failures++
			r.log.Warn().Err(err).Msg("relay interrupted")
			pause(ctx, r.timing.Backoff(failures))
		}
	}
}

// lead relays and reconciles under the lease, and returns when it is lost or ctx ends.
func (r *relay) lead(ctx context.Context, lease *held) error {
	leading, stop := context.WithCancel(ctx)
	kept, reconciled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(kept)
		lease.keep(leading, stop)
	}()
	go func() {
		defer close(reconciled)
		r.reconciler.run(leading)
	}()
	err := r.follow(leading, lease)
	if ctx.Err() == nil && leading.Err() != nil {
		err = errLeaseLost
	}
	stop()
	<-kept
	<-reconciled

	release, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timing.Publish)
	defer cancel()
	if failed := lease.release(release); failed != nil {
		r.log.Warn().Err(failed).Msg("lease not released; it runs out by itself")
	}
	return err
}

// follow relays from the checkpoint on.
func (r *relay) follow(ctx context.Context, lease *held) error {
	pos, err := lease.takeCheckpoint(ctx)
	if err != nil {
		return err
	}
	r.log.Info().Int64("position", int64(pos)).Msg("relay leads")
	at := cursor{lease: lease, pos: pos, saved: pos}
	for failures := 0; ; {
		err := r.step(ctx, &at)
		switch {
		case ctx.Err() != nil, errors.Is(err, errLeaseLost):
			return err
		case err == nil:
			failures = 0
		default:
			failures++
			r.log.Warn().Err(err).Int("failures", failures).Msg("relay waits")
			pause(ctx, r.timing.Backoff(failures))
		}
	}
}

// cursor is how far the relay has come, and how far the checkpoint has.
type cursor struct {
	lease      *held
	pos, saved eventstore.Position
}

// step waits for events and relays one batch of them. The checkpoint is saved when something was published, and now and
// then when nothing was: passing over an event twice costs little.
func (r *relay) step(ctx context.Context, at *cursor) error {
	upTo, due, err := r.await(ctx, at.pos, at.saved)
	if err != nil {
		return err
	}
	if upTo > at.pos {
		next, batch, err := r.read(ctx, at.pos, upTo)
		if err != nil {
			return err
		}
		if err := r.publish(ctx, batch); err != nil {
			return err
		}
		at.pos, due = next, len(batch) > 0
	}
	if !due {
		return nil
	}
	if err := at.lease.saveCheckpoint(ctx, r.store, at.pos); err != nil {
		return err
	}
	at.saved = at.pos
	return nil
}

// await returns how far the log may be read. When nothing came for a while and the checkpoint is behind, it is due.
func (r *relay) await(ctx context.Context, pos, saved eventstore.Position) (upTo eventstore.Position, due bool, err error) {
	waiting, cancel := ctx, context.CancelFunc(func() {})
	if pos > saved {
		waiting, cancel = context.WithTimeout(ctx, r.timing.Checkpoint)
	}
	defer cancel()
	upTo, err = r.store.AwaitHighWater(waiting, pos)
	if err != nil {
		if ctx.Err() == nil && waiting.Err() != nil {
			return pos, true, nil
		}
		return pos, false, err
	}
	if upTo-pos < relayBatch && pause(ctx, r.timing.Linger) {
		upTo = r.store.HighWater()
	}
	return upTo, false, nil
}

// read returns the references in a stretch of the log and the position it got to.
func (r *relay) read(ctx context.Context, after, upTo eventstore.Position) (eventstore.Position, []outgoing, error) {
	events, err := r.store.ReadBatch(ctx, eventstore.Batch{After: after, UpTo: upTo, Kinds: []string{"user"}, Limit: relayBatch})
	if err != nil {
		return after, nil, err
	}
	if len(events) == relayBatch {
		upTo = events[len(events)-1].Position
	}
	var batch []outgoing
	for i := range events {
		if out, ok := r.reference(ctx, &events[i]); ok {
			batch = append(batch, out)
		}
	}
	if batch, err = r.withoutUndue(ctx, batch); err != nil {
		return after, nil, err
	}
	return upTo, batch, nil
}

// withoutUndue drops the notices that nobody is waiting for: there may be a million passwords that were imported.
func (r *relay) withoutUndue(ctx context.Context, batch []outgoing) ([]outgoing, error) {
	var notices []eventstore.EventRef
	for _, out := range batch {
		if out.notice {
			notices = append(notices, out.event())
		}
	}
	if len(notices) == 0 {
		return batch, nil
	}
	due, err := r.store.AwaitingDelivery(ctx, notices)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(batch, func(out outgoing) bool {
		return out.notice && !due[out.event()]
	}), nil
}

// reference returns what to publish for an event: nothing unless it announces a living code that travels, or a notice that may be due.
func (r *relay) reference(ctx context.Context, ev *eventstore.Event) (outgoing, bool) {
	t, ok := topicOf(ev.Type)
	switch {
	case !ok:
		return outgoing{}, false
	case t.notice:
		out := r.outgoing(ev, channel.Email)
		out.notice = true
		return out, r.now().Before(ev.RecordedAt.Add(noticeLife))
	}
	msg, err := r.codec.Decode(ctx, ev, codec.Open)
	if err != nil {
		r.log.Error().Err(err).Int64("position", int64(ev.Position)).Msg("code event passed over: it does not decode")
		return outgoing{}, false
	}
	code, err := codeOf(msg.Proto)
	if err != nil {
		r.log.Error().Err(err).Int64("position", int64(ev.Position)).Msg("code event passed over")
		return outgoing{}, false
	}
	ch, travels := channelOf(code.Medium)
	if !travels || !r.now().Before(code.ExpiresAt.AsTime()) {
		return outgoing{}, false
	}
	return r.outgoing(ev, ch), true
}

func (*relay) outgoing(ev *eventstore.Event, ch channel.Channel) outgoing {
	return outgoing{
		reference: reference{Position: ev.Position, Event: ev.ID, Tenant: ev.Stream.Tenant},
		channel:   ch,
		messageID: ev.ID.String(),
	}
}

// publish hands a batch to JetStream, creating the stream where it is missing.
func (r *relay) publish(ctx context.Context, batch []outgoing) error {
	if len(batch) == 0 {
		return nil
	}
	err := r.queue.publish(ctx, batch)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if failed := r.queue.ensure(ctx); failed != nil {
		return errors.Join(err, failed)
	}
	return r.queue.publish(ctx, batch)
}
