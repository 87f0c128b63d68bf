package codec

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

var (
	// ErrUnknownType says that this binary knows no such event: it is older than the one that wrote it.
	ErrUnknownType = errors.New("codec: unknown event type")

	// ErrDamaged says that an event is not as it was written.
	ErrDamaged = errors.New("codec: event is damaged")
)

// Codec turns event messages of signet.event.v1 into log events and back.
type Codec struct {
	vault  *vault.Vault
	events *registry
}

// New collects the event messages and checks their marks. v hands out the data keys for reading.
func New(v *vault.Vault) (*Codec, error) {
	if v == nil {
		return nil, errors.New("codec: New needs a vault")
	}
	events, err := newRegistry(published(), func(message protoreflect.MessageDescriptor) (protoreflect.MessageType, error) {
		return protoregistry.GlobalTypes.FindMessageByName(message.FullName())
	})
	if err != nil {
		return nil, err
	}
	return &Codec{vault: v, events: events}, nil
}

// Types returns the names of all event types, sorted.
func (c *Codec) Types() []string { return slices.Sorted(maps.Keys(c.events.byName)) }

// Encode marshals msg into open, personal and secret parts and seals the latter two with key, bound to stream, id,
// type and part. With the zero Key the event gets no subject, and a message with sealed fields is refused
// (vault.ErrErased); with a key it keeps its subject even if msg has nothing to seal, so that its client can be opened.
func (c *Codec) Encode(key vault.Key, stream eventstore.StreamID, subject string, id uuid.UUID, msg proto.Message) (eventstore.NewEvent, error) {
	if msg == nil {
		return eventstore.NewEvent{}, errors.New("codec: no message")
	}
	kind := c.events.byMessage[msg.ProtoReflect().Descriptor().FullName()]
	if kind == nil {
		return eventstore.NewEvent{}, fmt.Errorf("codec: %s is no event", msg.ProtoReflect().Descriptor().FullName())
	}
	if !key.IsZero() && subject == "" {
		return eventstore.NewEvent{}, fmt.Errorf("codec: encode %s: a key without a subject", kind.name)
	}
	parts, err := kind.marshal(msg)
	if err != nil {
		return eventstore.NewEvent{}, fmt.Errorf("codec: encode %s: %w", kind.name, err)
	}
	e := eventstore.NewEvent{ID: id, Type: kind.name, Revision: revision, Payload: parts[openPart]}
	if !key.IsZero() {
		e.Subject = subject
	}
	place := place{stream, id, kind.name}
	if e.Personal, err = place.seal(key, personalPart, parts[personalPart]); err != nil {
		return eventstore.NewEvent{}, err
	}
	if e.Secret, err = place.seal(key, secretPart, parts[secretPart]); err != nil {
		return eventstore.NewEvent{}, err
	}
	return e, nil
}

// marshal splits the wire form of msg into its parts. A sealed part without fields is nil, the open one is never nil.
func (e *event) marshal(msg proto.Message) (parts [partCount][]byte, err error) {
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(msg)
	if err != nil {
		return parts, err
	}
	parts[openPart] = make([]byte, 0, len(wire))
	for len(wire) > 0 {
		number, _, size := protowire.ConsumeField(wire)
		if size < 0 {
			return parts, protowire.ParseError(size)
		}
		p, known := e.parts[number]
		if !known {
			return parts, fmt.Errorf("field %d is unknown", number)
		}
		parts[p] = append(parts[p], wire[:size]...)
		wire = wire[size:]
	}
	return parts, nil
}
