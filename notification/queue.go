package notification

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/notification/channel"
)

const (
	// StreamName is the JetStream stream between relay and workers.
	StreamName = "SIGNET_NOTIFICATION"

	subjectPrefix = "signet.notification."

	// publishWindow bounds unacknowledged publishes. A full window makes the publisher wait ("stalled").
	publishWindow = 1024

	// dedupWindow is how long JetStream remembers message ids. The reconciler's ids change as often, so that it adds at
	// most one copy of a message per window.
	dedupWindow = 5 * time.Minute

	// maxAge removes references nobody took. No code lives that long.
	maxAge = 24 * time.Hour

	// maxAckPending bounds what is in hand or waits for its retry, per channel. Beyond it the channel stands still until
	// something is settled, and by then its providers have failed thousands of times in a row.
	maxAckPending = 4096
)

// reference is what travels through JetStream: where to find a code event, and nothing about it.
type reference struct {
	Position eventstore.Position `json:"position"`
	Event    uuid.UUID           `json:"event"`
	Tenant   string              `json:"tenant"`
}

func (r reference) event() eventstore.EventRef {
	return eventstore.EventRef{Tenant: r.Tenant, ID: r.Event}
}

// outgoing is a reference on its way into a channel's subject.
type outgoing struct {
	reference
	channel   channel.Channel
	notice    bool
	messageID string // JetStream drops a second message with the same id within dedupWindow
}

// queue is the JetStream stream.
type queue struct {
	js       jetstream.JetStream
	replicas int
	stall    time.Duration
}

// ensure creates the stream or brings its settings up to date. A stream that is as it should be is left alone, so that
// processes which start together do not all write to it.
func (q *queue) ensure(ctx context.Context) error {
	want := jetstream.StreamConfig{
		Name:        StreamName,
		Description: "references to codes on their way to people",
		Subjects:    []string{subjectPrefix + ">"},
		Retention:   jetstream.WorkQueuePolicy,
		Storage:     jetstream.FileStorage,
		Replicas:    q.replicas,
		MaxAge:      maxAge,
		Duplicates:  dedupWindow,
	}
	stream, err := q.js.Stream(ctx, StreamName)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		_, err = q.js.CreateStream(ctx, want)
	case err == nil && !upToDate(stream.CachedInfo().Config, want):
		_, err = q.js.UpdateStream(ctx, want)
	}
	if err != nil {
		return fmt.Errorf("notification: stream %s: %w", StreamName, err)
	}
	return nil
}

// upToDate compares what we set; the server fills in the rest.
func upToDate(have, want jetstream.StreamConfig) bool {
	return slices.Equal(have.Subjects, want.Subjects) && have.Retention == want.Retention && have.Storage == want.Storage &&
		have.Replicas == want.Replicas && have.MaxAge == want.MaxAge && have.Duplicates == want.Duplicates
}

// consumer creates the durable consumer of a channel or brings its settings up to date.
func (q *queue) consumer(ctx context.Context, ch channel.Channel, ackWait time.Duration) (jetstream.Consumer, error) {
	if err := q.ensure(ctx); err != nil {
		return nil, err
	}
	consumer, err := q.js.CreateOrUpdateConsumer(ctx, StreamName, jetstream.ConsumerConfig{
		Durable:       string(ch),
		FilterSubject: subjectPrefix + "*." + string(ch),
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       ackWait,
		MaxDeliver:    -1, // the end of the code's life is the limit
		MaxAckPending: maxAckPending,
	})
	if err != nil {
		return nil, fmt.Errorf("notification: consumer %s: %w", ch, err)
	}
	return consumer, nil
}

// publish returns nil once JetStream has acknowledged all of them. After an error any of them may be in the stream;
// publishing them again under the same ids is harmless.
func (q *queue) publish(ctx context.Context, batch []outgoing) error {
	futures := make([]jetstream.PubAckFuture, 0, len(batch))
	for i := range batch {
		future, err := q.publishOne(ctx, &batch[i])
		if err != nil {
			return err
		}
		futures = append(futures, future)
	}
	for _, future := range futures {
		select {
		case <-future.Ok():
		case err := <-future.Err():
			return fmt.Errorf("notification: publish: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (q *queue) publishOne(ctx context.Context, out *outgoing) (jetstream.PubAckFuture, error) {
	data, err := json.Marshal(out.reference)
	if err != nil {
		return nil, fmt.Errorf("notification: marshal reference: %w", err)
	}
	subject := subjectPrefix + subjectToken(out.Tenant) + "." + string(out.channel)
	for {
		future, err := q.js.PublishMsgAsync(&nats.Msg{Subject: subject, Data: data},
			jetstream.WithMsgID(out.messageID), jetstream.WithExpectStream(StreamName), jetstream.WithStallWait(q.stall))
		switch {
		case err == nil:
			return future, nil
		case errors.Is(err, jetstream.ErrTooManyStalledMsgs) && ctx.Err() == nil:
			// The window is full of earlier publishes; each of them ends with its acknowledgement or its timeout.
			select {
			case <-q.js.PublishAsyncComplete():
			case <-ctx.Done():
			}
		default:
			return nil, fmt.Errorf("notification: publish: %w", err)
		}
	}
}

var plainToken = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// subjectToken turns a tenant into one token of a subject. The message itself names the tenant; the token only routes.
func subjectToken(tenant string) string {
	if plainToken.MatchString(tenant) {
		return tenant
	}
	return "x" + hex.EncodeToString([]byte(tenant))
}
