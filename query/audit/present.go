package audit

import (
	"context"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// present opens what the viewer may see of each event.
func (p *pager) present(ctx context.Context, events []eventstore.Event) ([]Event, error) {
	out := make([]Event, len(events))
	for i := range events {
		out[i] = p.outline(&events[i])
	}
	var open, personal, clients []int
	for i := range events {
		if p.personal(&events[i]) {
			personal = append(personal, i)
		} else {
			open = append(open, i)
		}
		if p.client(&events[i]) {
			clients = append(clients, i)
		}
	}
	if err := p.decode(ctx, pick(events, open), codec.Open, at(out, open)); err != nil {
		return nil, err
	}
	if err := p.decode(ctx, pick(events, personal), codec.Personal, at(out, personal)); err != nil {
		return nil, err
	}
	return out, p.clients(ctx, pick(events, clients), at(out, clients))
}

func (p *pager) outline(e *eventstore.Event) Event {
	return Event{
		Position:     e.Position,
		ID:           e.ID,
		Stream:       e.Stream,
		Organization: p.owners[e.Stream],
		Version:      e.Version,
		Type:         e.Type,
		Actor:        e.Actor,
		Cause:        e.Cause,
		Correlation:  e.Correlate,
		RecordedAt:   e.RecordedAt.UTC(),
		Payload:      &structpb.Struct{},
	}
}

func pick(events []eventstore.Event, indexes []int) []eventstore.Event {
	out := make([]eventstore.Event, len(indexes))
	for i, from := range indexes {
		out[i] = events[from]
	}
	return out
}

func at(events []Event, indexes []int) []*Event {
	out := make([]*Event, len(indexes))
	for i, from := range indexes {
		out[i] = &events[from]
	}
	return out
}

func (p *pager) decode(ctx context.Context, events []eventstore.Event, depth codec.Depth, into []*Event) error {
	if len(events) == 0 {
		return nil
	}
	messages, errs, err := p.queries.codec.DecodeAll(ctx, events, depth)
	if err != nil {
		return err
	}
	for i, m := range messages {
		e := into[i]
		if errs[i] != nil {
			e.Unreadable = true
			continue
		}
		e.Erased = m.Erased
		e.PersonalVisible = depth == codec.Personal && !m.Erased
		if e.Payload, err = payload(m.Proto); err != nil {
			return err
		}
	}
	return nil
}

func (p *pager) clients(ctx context.Context, events []eventstore.Event, into []*Event) error {
	if len(events) == 0 {
		return nil
	}
	clients, errs, err := p.queries.codec.OpenClients(ctx, events)
	if err != nil {
		return err
	}
	for i, c := range clients {
		if errs[i] != nil {
			into[i].Unreadable = true
			continue
		}
		into[i].ClientIP, into[i].ClientAgent = c.GetIp(), c.GetAgent()
	}
	return nil
}

// payload returns the fields of an event by their JSON names.
func payload(event proto.Message) (*structpb.Struct, error) {
	redact(event.ProtoReflect())
	text, err := protojson.Marshal(event)
	if err != nil {
		return nil, err
	}
	fields := &structpb.Struct{}
	return fields, protojson.Unmarshal(text, fields)
}

// redact clears digests, and with a second lock what is marked secret: the codec did not open it.
func redact(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case hidden(field):
			m.Clear(field)
		case field.Kind() != protoreflect.MessageKind || field.IsMap():
		case field.IsList():
			for i := range value.List().Len() {
				redact(value.List().Get(i).Message())
			}
		default:
			redact(value.Message())
		}
		return true
	})
}

func hidden(field protoreflect.FieldDescriptor) bool {
	if field.Kind() == protoreflect.BytesKind && (field.Name() == "digest" || field.Name() == "digests") {
		return true
	}
	return proto.GetExtension(field.Options(), eventv1.E_Secret).(bool)
}
