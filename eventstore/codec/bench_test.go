package codec_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/google/uuid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

// lives returns batches of the events of people: added, a code, the email verified, a password.
func lives(b *testing.B, w *world, people int) [][]eventstore.Event {
	b.Helper()
	expires := timestamppb.New(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	var log []eventstore.Event
	for i := range people {
		subject := fmt.Sprintf("3180%014d", i)
		key := w.addKey(b, subject)
		for _, msg := range []proto.Message{
			&eventv1.UserHumanAdded{
				OrganizationId: "318000000000000001", Username: subject, Email: subject + "@example.com", Phone: "+41790000000",
				Profile: &eventv1.Profile{GivenName: "Ada", FamilyName: "Lovelace", DisplayName: "Ada Lovelace", PreferredLanguage: "en"},
			},
			&eventv1.UserEmailCodeAdded{Code: &eventv1.Code{Digest: make([]byte, 32), ExpiresAt: expires}},
			&eventv1.UserEmailVerified{},
			&eventv1.UserPasswordChanged{Hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"},
		} {
			log = append(log, w.logged(b, key, subject, msg))
		}
	}
	return slices.Collect(slices.Chunk(log, 2000))
}

func BenchmarkDecodeAll(b *testing.B) {
	w := newWorld(b)
	batches := lives(b, w, 10_000)
	for _, bench := range []struct {
		name  string
		depth codec.Depth
		cold  bool
	}{
		{"open", codec.Open, false}, {"personal", codec.Personal, false}, {"secret", codec.Secret, false},
		{"personal_cold", codec.Personal, true},
	} {
		b.Run(bench.name, func(b *testing.B) {
			reader, events := w.process(b), 0
			b.ReportAllocs()
			for b.Loop() {
				if bench.cold {
					reader = w.process(b)
				}
				for _, batch := range batches {
					_, errs, err := reader.codec.DecodeAll(b.Context(), batch, bench.depth)
					if err != nil || errs[0] != nil {
						b.Fatal(errs[0], err)
					}
					events += len(batch)
				}
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	w := newWorld(b)
	key := w.addKey(b, "u1")
	for _, bench := range []struct {
		name string
		key  vault.Key
		msg  proto.Message
	}{{"sealed", key, ada()}, {"open", key, &eventv1.UserLocked{}}} {
		b.Run(bench.name, func(b *testing.B) {
			stream, id := streamOf("u1"), uuid.New()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.codec.Encode(bench.key, stream, "u1", id, bench.msg); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
