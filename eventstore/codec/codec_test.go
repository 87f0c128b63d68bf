package codec_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

func ada() *eventv1.UserHumanAdded {
	return &eventv1.UserHumanAdded{
		OrganizationId: "o1", Username: "ada", Email: "ada@example.com",
		Profile: &eventv1.Profile{GivenName: "Ada", FamilyName: "Lovelace", Gender: eventv1.Gender_GENDER_FEMALE},
	}
}

func TestNewNeedsAVault(t *testing.T) {
	t.Parallel()
	if _, err := codec.New(nil); err == nil {
		t.Error("no error")
	}
}

func TestType(t *testing.T) {
	t.Parallel()
	for want, msg := range map[string]proto.Message{
		"user.human.added": &eventv1.UserHumanAdded{},
		"org.added":        (*eventv1.OrganizationAdded)(nil),
		"":                 &eventv1.Profile{},
	} {
		if got := codec.Type(msg); got != want {
			t.Errorf("Type(%T) = %q; want %q", msg, got, want)
		}
	}
	if got := codec.Type(nil); got != "" {
		t.Errorf("Type(nil) = %q", got)
	}
	if got := codec.Type(timestamppb.Now()); got != "" {
		t.Errorf("Type of a foreign message = %q", got)
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	types := newWorld(t).codec.Types()
	if len(types) != len(eventMessages()) || !slices.IsSorted(types) || !slices.Contains(types, "user.human.added") {
		t.Errorf("Types = %q", types)
	}
}

func TestEncodeSealsWhatIsMarkedAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.addKey(t, "u1")
	for _, test := range []struct {
		name             string
		key              vault.Key
		msg              proto.Message
		personal, secret bool
		subject          string
	}{
		{"personal fields", key, ada(), true, false, "u1"},
		{"secret fields", key, &eventv1.UserPasswordChanged{Hash: "h"}, false, true, "u1"},
		{"marked fields left empty", key, &eventv1.UserPasswordChanged{ChangeRequired: true}, false, false, "u1"},
		{"marked fields left empty, no key", vault.Key{}, &eventv1.UserHumanAdded{OrganizationId: "o"}, false, false, ""},
		{"no marks", key, &eventv1.UserLocked{}, false, false, "u1"},
		{"no marks, no key", vault.Key{}, &eventv1.UserMachineAdded{Username: "ci"}, false, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			id := uuid.New()
			e, err := w.codec.Encode(test.key, streamOf("u1"), "u1", id, test.msg)
			if err != nil {
				t.Fatal(err)
			}
			if e.ID != id || e.Type != codec.Type(test.msg) || e.Revision != 1 || e.Subject != test.subject || e.Payload == nil {
				t.Errorf("event = %+v", e)
			}
			if (e.Personal != nil) != test.personal || (e.Secret != nil) != test.secret {
				t.Errorf("personal %t, secret %t; want %t, %t", e.Personal != nil, e.Secret != nil, test.personal, test.secret)
			}
			for _, text := range []string{"ada", "Lovelace"} {
				if strings.Contains(string(e.Payload)+string(e.Personal)+string(e.Secret), text) {
					t.Errorf("%q is readable", text)
				}
			}
		})
	}
}

func TestEncodeIsDeterministicInTheOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	msg := &eventv1.InstanceMemberSet{UserId: "u1", Roles: []string{"b", "a"}}
	a, b := w.logged(t, vault.Key{}, "", msg), w.logged(t, vault.Key{}, "", msg)
	if !slices.Equal(a.Payload, b.Payload) {
		t.Errorf("payloads %x and %x differ", a.Payload, b.Payload)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.addKey(t, "u1")
	unknown := ada()
	unknown.ProtoReflect().SetUnknown(protowire.AppendString(protowire.AppendTag(nil, 999, protowire.BytesType), "x"))
	for _, test := range []struct {
		name    string
		key     vault.Key
		subject string
		msg     proto.Message
		want    string
	}{
		{"nothing", key, "u1", nil, "no message"},
		{"a message that is no event", key, "u1", &eventv1.Profile{}, "is no event"},
		{"a foreign message", key, "u1", timestamppb.Now(), "is no event"},
		{"personal fields without a key", vault.Key{}, "u1", ada(), vault.ErrErased.Error()},
		{"secret fields without a key", vault.Key{}, "u1", &eventv1.UserPasswordChanged{Hash: "h"}, vault.ErrErased.Error()},
		{"a key without a subject", key, "", ada(), "without a subject"},
		{"fields it cannot judge", key, "u1", unknown, "field 999 is unknown"},
		{"text that is not UTF-8", key, "u1", &eventv1.UserEmailChanged{Email: "\xff"}, "UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := w.codec.Encode(test.key, streamOf("u1"), test.subject, uuid.New(), test.msg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v; want %q", err, test.want)
			}
			if e.Type != "" || e.Payload != nil {
				t.Errorf("an event came with the error: %+v", e)
			}
			if strings.Contains(err.Error(), "ada") {
				t.Errorf("error %q shows content", err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	human := w.logged(t, w.addKey(t, "u1"), "u1", ada())
	password := w.logged(t, w.addKey(t, "u2"), "u2", &eventv1.UserPasswordChanged{Hash: "h"})
	planted, err := proto.Marshal(&eventv1.UserPasswordChanged{Hash: "planted"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		ev     eventstore.Event
		change func(ev *eventstore.Event)
		want   error
	}{
		{"an unknown type", human, func(ev *eventstore.Event) { ev.Type = "user.cloned" }, codec.ErrUnknownType},
		{"a later revision", human, func(ev *eventstore.Event) { ev.Revision = 2 }, codec.ErrUnknownType},
		{"a payload that is no protobuf", human, func(ev *eventstore.Event) { ev.Payload = []byte("ada lovelace") }, codec.ErrDamaged},
		{"a payload of wrong types", human, func(ev *eventstore.Event) { ev.Payload = []byte{0x0a, 1, 0xff} }, codec.ErrDamaged},
		{"a sealed field in the open", password, func(ev *eventstore.Event) { ev.Payload, ev.Secret = planted, nil }, codec.ErrDamaged},
		{"the same beside the sealed one", password, func(ev *eventstore.Event) { ev.Payload = planted }, codec.ErrDamaged},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ev := test.ev
			test.change(&ev)
			for _, depth := range []codec.Depth{codec.Open, codec.Personal, codec.Secret} {
				got, err := w.codec.Decode(t.Context(), &ev, depth)
				wantError(t, err, test.want)
				if got.Proto != nil {
					t.Errorf("a message came with the error: %v", got.Proto)
				}
				if err != nil && (strings.Contains(err.Error(), "ada") || !strings.Contains(err.Error(), "at 7")) {
					t.Errorf("error %q shows content, or not the position", err)
				}
			}
		})
	}
}

func TestDecodeKeepsFieldsOfALaterBinary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ev := w.logged(t, w.addKey(t, "u1"), "u1", ada())
	later := protowire.AppendString(protowire.AppendTag(nil, 999, protowire.BytesType), "later")
	ev.Payload = append(ev.Payload, later...)
	got, err := w.codec.Decode(t.Context(), &ev, codec.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if unknown := got.Proto.ProtoReflect().GetUnknown(); !slices.Equal(unknown, later) {
		t.Errorf("unknown fields = %x; want %x", unknown, later)
	}
}

func TestErasedSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	human := w.logged(t, w.addKey(t, "u1"), "u1", ada())
	locked := w.logged(t, w.addKey(t, "u1"), "u1", &eventv1.UserLocked{})
	w.rows.erase("u1")
	w.vault.Forget(tenant, "u1")

	for depth, erased := range map[codec.Depth]bool{codec.Open: false, codec.Personal: true, codec.Secret: true} {
		got, err := w.codec.Decode(t.Context(), &human, depth)
		wantMessage(t, got, err, &eventv1.UserHumanAdded{OrganizationId: "o1"}, erased)
		got, err = w.codec.Decode(t.Context(), &locked, depth)
		wantMessage(t, got, err, &eventv1.UserLocked{}, false)
	}
}

func TestSubjectThatCameBackUnderANewKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reader := w.process(t)
	before := w.logged(t, w.addKey(t, "u1"), "u1", ada())
	if _, err := reader.codec.Decode(t.Context(), &before, codec.Personal); err != nil {
		t.Fatal(err) // the reader's cache holds the first key from here on
	}
	w.rows.erase("u1")
	after := w.logged(t, w.addKey(t, "u1"), "u1", ada())

	for range 2 {
		out, errs, err := reader.codec.DecodeAll(t.Context(), []eventstore.Event{after, before, after}, codec.Personal)
		if err != nil {
			t.Fatal(err)
		}
		wantMessage(t, out[0], errs[0], ada(), false)
		wantMessage(t, out[1], errs[1], &eventv1.UserHumanAdded{OrganizationId: "o1"}, true)
		wantMessage(t, out[2], errs[2], ada(), false)
	}
}

func TestDecodeAllReadsKeysInOneStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var events []eventstore.Event
	for _, subject := range []string{"u1", "u2", "u3"} {
		key := w.addKey(t, subject)
		events = append(events, w.logged(t, key, subject, ada()), w.logged(t, key, subject, &eventv1.UserLocked{}),
			w.logged(t, key, subject, &eventv1.UserPasswordChanged{Hash: subject}))
	}
	damaged := slices.Clone(events)
	damaged[3].Personal = slices.Clone(damaged[3].Personal)
	damaged[3].Personal[40] ^= 1
	damaged[4].Type = "unknown"

	out, errs, err := w.codec.DecodeAll(t.Context(), damaged, codec.Secret)
	if err != nil || len(out) != len(events) || len(errs) != len(events) {
		t.Fatalf("%d messages, %d errors, %v", len(out), len(errs), err)
	}
	if w.rows.statements != 1 {
		t.Errorf("%d statements; want 1", w.rows.statements)
	}
	wantError(t, errs[3], codec.ErrDamaged)
	wantError(t, errs[4], codec.ErrUnknownType)
	wantMessage(t, out[0], errs[0], ada(), false)
	wantMessage(t, out[7], errs[7], &eventv1.UserLocked{}, false)
	wantMessage(t, out[8], errs[8], &eventv1.UserPasswordChanged{Hash: "u3"}, false)
	if out[3].Proto != nil || out[4].Proto != nil {
		t.Error("a message came with an error")
	}
}

func TestDecodeAllOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, errs, err := w.codec.DecodeAll(t.Context(), nil, codec.Secret)
	if len(out) != 0 || len(errs) != 0 || err != nil || w.rows.statements != 0 {
		t.Errorf("DecodeAll(nil) = %v, %v, %v after %d statements", out, errs, err, w.rows.statements)
	}
}

func TestDecodeInTheOpenNeedsNoKeyStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ev := w.logged(t, w.addKey(t, "u1"), "u1", ada())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := w.codec.Decode(ctx, &ev, codec.Open)
	wantMessage(t, got, err, &eventv1.UserHumanAdded{OrganizationId: "o1"}, false)

	_, err = w.codec.Decode(ctx, &ev, codec.Personal)
	wantError(t, err, context.Canceled)
}
