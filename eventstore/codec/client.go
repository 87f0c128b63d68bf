package codec

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

// SealClient seals where a request came from, for meta.Client: with the key of the subject of the events it causes,
// bound to their stream and to meta's actor and request id. All events of one append share it, so it cannot be bound to
// one of them. With the zero Key, or nothing to say, there is nothing to keep: nil.
func (c *Codec) SealClient(key vault.Key, stream eventstore.StreamID, meta eventstore.Metadata, client *eventv1.Client) ([]byte, error) {
	if key.IsZero() || client.GetIp() == "" && client.GetAgent() == "" {
		return nil, nil
	}
	plaintext, err := proto.MarshalOptions{Deterministic: true}.Marshal(client)
	if err != nil {
		return nil, fmt.Errorf("codec: encode client: %w", err)
	}
	value, err := key.Seal(clientBinding(stream, meta.Actor, meta.Correlate), plaintext)
	if err != nil {
		return nil, fmt.Errorf("codec: seal client: %w", err)
	}
	return value, nil
}

func clientBinding(stream eventstore.StreamID, actor, correlate string) []byte {
	binding := appendPiece(nil, "client")
	binding = appendStream(binding, stream)
	binding = appendPiece(binding, actor)
	return appendPiece(binding, correlate)
}

// OpenClient returns where an event's request came from; nil when that was not kept or the subject is erased.
func (c *Codec) OpenClient(ctx context.Context, ev *eventstore.Event) (*eventv1.Client, error) {
	out, errs, err := c.OpenClients(ctx, []eventstore.Event{*ev})
	if err != nil {
		return nil, err
	}
	return out[0], errs[0]
}

// OpenClients is OpenClient for a batch, in one statement per tenant: out[i] and errs[i] belong to events[i].
func (c *Codec) OpenClients(ctx context.Context, events []eventstore.Event) (out []*eventv1.Client, errs []error, err error) {
	keys, err := keysOf(ctx, c.vault, events, func(ev *eventstore.Event) bool { return len(ev.Client) > 0 })
	if err != nil {
		return nil, nil, err
	}
	out, errs = make([]*eventv1.Client, len(events)), make([]error, len(events))
	for i := range events {
		if len(events[i].Client) == 0 {
			continue
		}
		if out[i], errs[i] = openClient(ctx, keys, &events[i]); errs[i] != nil {
			errs[i] = fmt.Errorf("codec: open client of %s at %d: %w", events[i].Type, events[i].Position, errs[i])
		}
	}
	return out, errs, nil
}

func openClient(ctx context.Context, keys *keys, ev *eventstore.Event) (*eventv1.Client, error) {
	s := sealed{clientBinding(ev.Stream, ev.Actor, ev.Correlate), ev.Client}
	plaintext, err := keys.open(ctx, ownerOf(ev), nil, s)
	switch {
	case errors.Is(err, vault.ErrErased):
		return nil, nil
	case errors.Is(err, vault.ErrDamaged):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return nil, err
	}
	client := new(eventv1.Client)
	return client, merge(plaintext, client)
}
