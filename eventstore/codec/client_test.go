package codec_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

var request = eventstore.Metadata{Actor: "a1", Correlate: "r1"}

// caused returns an event of a request with its sealed client.
func (w *world) caused(t testing.TB, key vault.Key, meta eventstore.Metadata, client *eventv1.Client) eventstore.Event {
	t.Helper()
	sealed, err := w.codec.SealClient(key, streamOf("u1"), meta, client)
	if err != nil {
		t.Fatal(err)
	}
	ev := w.logged(t, key, "u1", &eventv1.UserLocked{})
	ev.Actor, ev.Correlate, ev.Client = meta.Actor, meta.Correlate, sealed
	return ev
}

func TestClientComesBackForEveryEventOfTheRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := &eventv1.Client{Ip: "2001:db8::1", Agent: "curl/8"}
	ev := w.caused(t, w.addKey(t, "u1"), request, client)
	second := ev
	second.ID, second.Version = uuid.New(), 2
	out, errs, err := w.codec.OpenClients(t.Context(), []eventstore.Event{ev, {}, second})
	if err != nil || errs[0] != nil || errs[1] != nil || errs[2] != nil {
		t.Fatal(errs, err)
	}
	if !proto.Equal(out[0], client) || out[1] != nil || !proto.Equal(out[2], client) {
		t.Errorf("clients = %v", out)
	}
	if w.rows.statements != 1 {
		t.Errorf("%d statements; want 1", w.rows.statements)
	}
}

func TestClientOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	original := w.caused(t, w.addKey(t, "u1"), request, &eventv1.Client{Ip: "192.0.2.1"})
	for name, move := range map[string]func(ev *eventstore.Event){
		"another actor":   func(ev *eventstore.Event) { ev.Actor = "a2" },
		"another request": func(ev *eventstore.Event) { ev.Correlate = "r2" },
		"another stream":  func(ev *eventstore.Event) { ev.Stream.ID = "u2" },
		"pieces shifted":  func(ev *eventstore.Event) { ev.Actor, ev.Correlate = "a1r", "1" },
		"changed":         func(ev *eventstore.Event) { ev.Client = append(ev.Client[:20:20], make([]byte, 40)...) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ev := original
			move(&ev)
			got, err := w.codec.OpenClient(t.Context(), &ev)
			wantError(t, err, codec.ErrDamaged)
			if got != nil {
				t.Error("a client came with the error")
			}
		})
	}
}

func TestClientThatIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.addKey(t, "u1")
	for name, ev := range map[string]eventstore.Event{
		"no client":    w.caused(t, key, request, nil),
		"empty client": w.caused(t, key, request, &eventv1.Client{}),
		"no key":       w.caused(t, vault.Key{}, request, &eventv1.Client{Ip: "192.0.2.1"}),
	} {
		if ev.Client != nil {
			t.Errorf("%s: sealed %d bytes", name, len(ev.Client))
		}
		if got, err := w.codec.OpenClient(t.Context(), &ev); got != nil || err != nil {
			t.Errorf("%s: OpenClient = %v, %v", name, got, err)
		}
	}
}

func TestClientOfAnErasedSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ev := w.caused(t, w.addKey(t, "u1"), request, &eventv1.Client{Ip: "192.0.2.1"})
	w.rows.erase("u1")
	if got, err := w.codec.OpenClient(t.Context(), &ev); got != nil || err != nil {
		t.Errorf("OpenClient = %v, %v; want nothing", got, err)
	}
}

func TestOpenClientPassesStoreErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ev := w.caused(t, w.addKey(t, "u1"), request, &eventv1.Client{Ip: "192.0.2.1"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.codec.OpenClient(ctx, &ev)
	wantError(t, err, context.Canceled)
}
