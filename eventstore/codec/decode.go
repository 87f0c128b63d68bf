package codec

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

// Depth says how far a reader may look.
type Depth uint8

// The depths; each includes those before it.
const (
	Open     Depth = iota // open fields only
	Personal              // and personal fields
	Secret                // and secret fields: only the process that needs them
)

// Message is a decoded event.
type Message struct {
	Proto  proto.Message
	Erased bool // sealed fields the reader asked for stayed empty, because the subject's data key is gone
}

// Decode returns the message of an event. Sealed fields of an erased subject stay empty: that is not an error.
// ErrUnknownType, ErrDamaged.
func (c *Codec) Decode(ctx context.Context, ev *eventstore.Event, depth Depth) (Message, error) {
	out, errs, err := c.DecodeAll(ctx, []eventstore.Event{*ev}, depth)
	if err != nil {
		return Message{}, err
	}
	return out[0], errs[0]
}

// DecodeAll decodes a batch and reads the data keys it needs in one statement per tenant. out[i] belongs to events[i];
// an undecodable event leaves out[i] empty and its error in errs[i]; both have the length of events.
func (c *Codec) DecodeAll(ctx context.Context, events []eventstore.Event, depth Depth) (out []Message, errs []error, err error) {
	keys, err := keysOf(ctx, c.vault, events, func(ev *eventstore.Event) bool { return sealedWithin(ev, depth) })
	if err != nil {
		return nil, nil, err
	}
	out, errs = make([]Message, len(events)), make([]error, len(events))
	d := decoder{events: c.events, keys: keys, depth: depth}
	for i := range events {
		if out[i], errs[i] = d.decode(ctx, &events[i]); errs[i] == nil {
			continue
		}
		out[i] = Message{}
		errs[i] = fmt.Errorf("codec: decode %s at %d: %w", events[i].Type, events[i].Position, errs[i])
	}
	return out, errs, nil
}

func sealedWithin(ev *eventstore.Event, depth Depth) bool {
	return depth >= Personal && len(ev.Personal) > 0 || depth >= Secret && len(ev.Secret) > 0
}

// decoder decodes the events of one batch; its buffers serve all of them, because unmarshalling copies.
type decoder struct {
	events  *registry
	keys    *keys
	depth   Depth
	binding []byte
	opened  []byte
}

func (d *decoder) decode(ctx context.Context, ev *eventstore.Event) (Message, error) {
	kind := d.events.byName[ev.Type]
	if kind == nil || ev.Revision > revision {
		return Message{}, ErrUnknownType
	}
	if err := kind.checkOpen(ev.Payload); err != nil {
		return Message{}, err
	}
	msg := Message{Proto: kind.message.New().Interface()}
	if err := merge(ev.Payload, msg.Proto); err != nil {
		return Message{}, err
	}
	if d.depth >= Personal && len(ev.Personal) > 0 {
		if err := d.open(ctx, ev, personalPart, &msg); err != nil {
			return Message{}, err
		}
	}
	if d.depth >= Secret && len(ev.Secret) > 0 {
		if err := d.open(ctx, ev, secretPart, &msg); err != nil {
			return Message{}, err
		}
	}
	return msg, nil
}

// open adds one sealed part to msg.
func (d *decoder) open(ctx context.Context, ev *eventstore.Event, which part, msg *Message) (err error) {
	value := ev.Personal
	if which == secretPart {
		value = ev.Secret
	}
	place := placeOf(ev)
	d.binding = place.appendBinding(d.binding[:0], which)
	d.opened, err = d.keys.open(ctx, ownerOf(ev), d.opened[:0], sealed{d.binding, value})
	switch {
	case errors.Is(err, vault.ErrErased):
		msg.Erased = true
		return nil
	case errors.Is(err, vault.ErrDamaged):
		return fmt.Errorf("%w: %s part: %w", ErrDamaged, which, err)
	case err != nil:
		return err
	}
	return merge(d.opened, msg.Proto)
}

// checkOpen refuses an open payload with marked fields, which nothing would authenticate.
func (e *event) checkOpen(payload []byte) error {
	if !e.sealed {
		return nil
	}
	for len(payload) > 0 {
		number, _, size := protowire.ConsumeField(payload)
		if size < 0 {
			return fmt.Errorf("%w: payload is not protobuf", ErrDamaged)
		}
		if e.parts[number] != openPart {
			return fmt.Errorf("%w: field %d is sealed but stands in the open payload", ErrDamaged, number)
		}
		payload = payload[size:]
	}
	return nil
}

// merge adds one part to msg. Fields this binary does not know are kept: a later one wrote them. The cause is left
// out of the error, because it may quote content.
func merge(part []byte, msg proto.Message) error {
	if err := (proto.UnmarshalOptions{Merge: true}).Unmarshal(part, msg); err != nil {
		return fmt.Errorf("%w: not the protobuf of this type", ErrDamaged)
	}
	return nil
}
