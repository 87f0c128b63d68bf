package codec_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// eventMessages returns every message of the event package that has a type.
func eventMessages() []protoreflect.MessageType {
	var found []protoreflect.MessageType
	protoregistry.GlobalTypes.RangeMessages(func(kind protoreflect.MessageType) bool {
		if kind.Descriptor().ParentFile().Package() == "signet.event.v1" && codec.Type(kind.Zero().Interface()) != "" {
			found = append(found, kind)
		}
		return true
	})
	return found
}

// anyEvent draws a message with random values in random fields.
func anyEvent(kinds []protoreflect.MessageType) *rapid.Generator[proto.Message] {
	return rapid.Custom(func(t *rapid.T) proto.Message {
		msg := rapid.SampledFrom(kinds).Draw(t, "kind").New()
		draw(t, msg)
		return msg.Interface()
	})
}

func draw(t *rapid.T, msg protoreflect.Message) {
	fields := msg.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if !rapid.Bool().Draw(t, "set "+string(field.Name())) {
			continue
		}
		switch {
		case field.IsList():
			list := msg.Mutable(field).List()
			for range rapid.IntRange(0, 3).Draw(t, "length") {
				if field.Message() != nil {
					draw(t, list.AppendMutable().Message())
					continue
				}
				list.Append(drawScalar(t, field))
			}
		case field.Message() != nil:
			draw(t, msg.Mutable(field).Message())
		default:
			msg.Set(field, drawScalar(t, field))
		}
	}
}

func drawScalar(t *rapid.T, field protoreflect.FieldDescriptor) protoreflect.Value {
	name := string(field.Name())
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(rapid.String().Draw(t, name))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOf(rapid.Byte()).Draw(t, name))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rapid.Bool().Draw(t, name))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(rapid.Int32Range(0, 9).Draw(t, name)))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(rapid.Uint32().Draw(t, name))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(rapid.Int32().Draw(t, name))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(rapid.Int64().Draw(t, name))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(rapid.Uint64().Draw(t, name))
	}
	t.Fatalf("no values for %s", field.Kind())
	return protoreflect.Value{}
}

// upTo returns msg without the fields a reader of this depth does not see.
func upTo(msg proto.Message, depth codec.Depth) proto.Message {
	seen := proto.Clone(msg).ProtoReflect()
	fields := seen.Descriptor().Fields()
	for i := range fields.Len() {
		options := fields.Get(i).Options()
		if depth < codec.Personal && proto.GetExtension(options, eventv1.E_Personal).(bool) ||
			depth < codec.Secret && proto.GetExtension(options, eventv1.E_Secret).(bool) {
			seen.Clear(fields.Get(i))
		}
	}
	return seen.Interface()
}

func TestEveryMessageComesBackAsFarAsTheReaderMayLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.addKey(t, "u1")
	kinds := eventMessages()
	rapid.Check(t, func(r *rapid.T) {
		msg := anyEvent(kinds).Draw(r, "message")
		ev := w.logged(t, key, "u1", msg)
		for _, depth := range []codec.Depth{codec.Open, codec.Personal, codec.Secret} {
			got, err := w.codec.Decode(context.Background(), &ev, depth)
			wantMessage(t, got, err, upTo(msg, depth), false)
		}
		open := upTo(msg, codec.Open)
		if wire, err := (proto.MarshalOptions{Deterministic: true}).Marshal(open); err != nil || !bytes.Equal(wire, ev.Payload) {
			r.Errorf("payload is %x; want the open fields alone, %x", ev.Payload, wire)
		}
	})
}

// sealedEvents returns an event with a personal part and one with a secret part.
func sealedEvents(t testing.TB, w *world) []eventstore.Event {
	t.Helper()
	key := w.addKey(t, "u1")
	return []eventstore.Event{
		w.logged(t, key, "u1", &eventv1.UserHumanAdded{
			OrganizationId: "o1", Username: "ada", Email: "ada@example.com",
			Profile: &eventv1.Profile{GivenName: "Ada", FamilyName: "Lovelace"},
		}),
		w.logged(t, key, "u1", &eventv1.UserPasswordChanged{Hash: "$argon2id$v=19$…", ChangeRequired: true}),
	}
}

func TestNoByteOfASealedPartCanChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, ev := range sealedEvents(t, w) {
		for _, part := range []*[]byte{&ev.Personal, &ev.Secret} {
			whole := *part
			for at := range whole {
				*part = bytes.Clone(whole)
				(*part)[at] ^= 0x40
				wantRefused(t, w, ev)
			}
			for end := 1; end < len(whole); end++ {
				*part = whole[:end]
				wantRefused(t, w, ev)
			}
			*part = whole
		}
		if _, err := w.codec.Decode(t.Context(), &ev, codec.Secret); err != nil {
			t.Errorf("the event as it was: %v", err)
		}
	}
}

func wantRefused(t testing.TB, w *world, ev eventstore.Event) {
	t.Helper()
	got, err := w.codec.Decode(context.Background(), &ev, codec.Secret)
	if !errors.Is(err, codec.ErrDamaged) || got.Proto != nil {
		t.Errorf("Decode = %v, %v; want ErrDamaged and no message", got.Proto, err)
	}
}

func TestASealedPartOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	events := sealedEvents(t, w)
	other := w.logged(t, w.addKey(t, "u2"), "u2", &eventv1.UserHumanAdded{Username: "eve"})
	for name, move := range map[string]func(ev *eventstore.Event){
		"another event id":          func(ev *eventstore.Event) { ev.ID = uuid.New() },
		"another stream":            func(ev *eventstore.Event) { ev.Stream.ID = "u2" },
		"another kind of stream":    func(ev *eventstore.Event) { ev.Stream.Kind = "org" },
		"pieces shifted":            func(ev *eventstore.Event) { ev.Stream.Kind, ev.Stream.ID = "use", "ru1" },
		"swapped parts":             func(ev *eventstore.Event) { ev.Personal, ev.Secret = ev.Secret, ev.Personal },
		"the part of another event": func(ev *eventstore.Event) { ev.Personal, ev.Secret = events[0].Personal, events[0].Personal },
		"another type": func(ev *eventstore.Event) {
			ev.Type, ev.Payload = "user.username.changed", nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, ev := range events {
				move(&ev)
				wantRefused(t, w, ev)
			}
		})
	}
	t.Run("another tenant", func(t *testing.T) {
		key, err := w.vault.Key(t.Context(), tenant, "u1")
		if err != nil {
			t.Fatal(err)
		}
		w.vault.Remember("other", "u1", key) // even if both tenants had one key
		for _, ev := range events {
			ev.Stream.Tenant = "other"
			wantRefused(t, w, ev)
		}
	})
	t.Run("another subject", func(t *testing.T) {
		ev := events[0]
		ev.Personal = other.Personal // sealed with a key that is not this subject's: as good as erased
		got, err := w.codec.Decode(t.Context(), &ev, codec.Secret)
		wantMessage(t, got, err, upTo(&eventv1.UserHumanAdded{OrganizationId: "o1"}, codec.Open), true)
	})
}
