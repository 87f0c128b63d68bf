package notification

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/notification/channel"
)

// worker takes the references of one channel from JetStream and has them delivered, a bounded number at a time.
type worker struct {
	channel  channel.Channel
	queue    *queue
	delivery *courier
	slots    chan struct{}
	timing   Timing
	log      zerolog.Logger
}

func newWorker(cfg Config, ch channel.Channel, q *queue, record *ledger) *worker {
	log := cfg.Logger.With().Str("component", "notification.worker").Str("channel", string(ch)).Logger()
	return &worker{
		channel:  ch,
		queue:    q,
		delivery: newCourier(cfg, ch, record, log),
		slots:    make(chan struct{}, cfg.Concurrency),
		timing:   cfg.Timing,
		log:      log,
	}
}

// run takes messages until ctx ends, then waits for those in hand.
func (w *worker) run(ctx context.Context) {
	// Messages in hand outlive ctx, so that an ordinary stop records what was sent.
	handling, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	var inHand sync.WaitGroup
	for failures := 0; ctx.Err() == nil; {
		err := w.consume(ctx, func(msg jetstream.Msg) {
			inHand.Go(func() {
				defer func() { <-w.slots }()
				w.take(handling, msg)
			})
			failures = 0
		})
		if ctx.Err() != nil {
			break
		}
		failures++
		w.log.Warn().Err(err).Int("failures", failures).Msg("worker waits for JetStream")
		pause(ctx, w.timing.Backoff(failures))
	}
	timer := time.AfterFunc(w.timing.Drain, abort)
	defer timer.Stop()
	inHand.Wait()
}

// consume asks for one message after the other while there are free slots. It returns when JetStream does not answer as
// expected: NATS is away, or lost stream or consumer.
func (w *worker) consume(ctx context.Context, handle func(jetstream.Msg)) error {
	consumer, err := w.queue.consumer(ctx, w.channel, w.timing.AckWait)
	if err != nil {
		return err
	}
	for {
		select {
		case w.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		msg, err := w.next(ctx, consumer)
		if msg == nil {
			<-w.slots
		}
		if err != nil {
			return err
		}
		if msg != nil {
			handle(msg)
		}
	}
}

// next returns nil without error when no message came within the time of a request.
func (w *worker) next(ctx context.Context, consumer jetstream.Consumer) (jetstream.Msg, error) {
	asking, cancel := context.WithTimeout(ctx, w.timing.Pull)
	defer cancel()
	msg, err := consumer.Next(jetstream.FetchContext(asking))
	switch {
	case msg != nil:
		return msg, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil, errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded), errors.Is(err, jetstream.ErrNoMessages):
		return nil, nil
	default:
		return nil, err
	}
}

// take delivers one message and tells JetStream how that ended. A refusal to listen is not handled: the message comes
// again and is found settled.
func (w *worker) take(ctx context.Context, msg jetstream.Msg) {
	var ref reference
	if err := json.Unmarshal(msg.Data(), &ref); err != nil || ref.Event == uuid.Nil || ref.Tenant == "" {
		w.log.Error().Msg("message dropped: it is no reference")
		_ = msg.Term()
		return
	}
	stop := w.beat(ctx, msg)
	verdict := w.delivery.deliver(ctx, ref, deliveries(msg))
	stop()
	if verdict.done {
		_ = msg.Ack()
		return
	}
	_ = msg.NakWithDelay(verdict.after)
}

// beat tells JetStream that a message is being worked on, until stop is called.
func (w *worker) beat(ctx context.Context, msg jetstream.Msg) (stop func()) {
	beating, cancel := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for pause(beating, w.timing.AckWait/3) {
			_ = msg.InProgress()
		}
	}()
	return func() {
		cancel()
		<-stopped
	}
}

// deliveries returns how often JetStream has handed out a message, at least 1.
func deliveries(msg jetstream.Msg) int {
	meta, err := msg.Metadata()
	if err != nil || meta.NumDelivered == 0 {
		return 1
	}
	return int(min(meta.NumDelivered, 1<<16))
}
