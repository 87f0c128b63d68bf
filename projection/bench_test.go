package projection_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
)

// benchmarkUsers is the size of the log that the promise of a rebuild is about; a smoke run takes less.
func benchmarkUsers() int {
	if testing.Short() {
		return 2_000
	}
	return 100_000
}

// BenchmarkRebuildUsers rebuilds from five events for each of 100,000 users (2,000 with -short), indexes included, and
// reports events per second. Run it with -benchtime=1x.
func BenchmarkRebuildUsers(b *testing.B) {
	n := benchmarkNode(b)
	n.populate(benchmarkUsers(), 5)
	op := projection.NewOperator(n.log(), projection.Options{}, n.users())
	b.ResetTimer()
	var events int64
	for range b.N {
		rebuilt, err := op.Rebuild(b.Context(), "users", nil)
		if err != nil {
			b.Fatal(err)
		}
		events += rebuilt.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkFollowUsers appends new users with two events each from 32 callers while the runner follows, and ends when the
// model has them all.
func BenchmarkFollowUsers(b *testing.B) {
	n := benchmarkNode(b)
	n.run(projection.Options{}, n.users())
	b.ResetTimer()
	n.populate(b.N, 2)
	n.awaitHead("users")
}

func benchmarkNode(b *testing.B) *node {
	b.Helper()
	ring, err := vault.NewRing()
	if err != nil {
		b.Fatal(err)
	}
	n := openNode(b, storetest.NewDatabase(b), ring)
	if err := n.migrate(users.New(nil)); err != nil {
		b.Fatal(err)
	}
	return n
}

// populate appends users with up to five events each.
func (n *node) populate(count, events int) {
	n.t.Helper()
	var next atomic.Int64
	var working sync.WaitGroup
	for range 32 {
		working.Go(func() {
			for i := next.Add(1); i <= int64(count); i = next.Add(1) {
				n.newcomer(i, events)
			}
		})
	}
	working.Wait()
}

func (n *node) newcomer(i int64, events int) {
	given := strings.Fields("Ada Grace Edsger Barbara Donald Frances Alan Hedy Tony Radia")[i%10]
	family := strings.Fields("Lovelace Hopper Dijkstra Liskov Knuth Allen Turing Lamarr Hoare Perlman Codd")[i%11]
	email := fmt.Sprintf("%s.%s%d@example.com", strings.ToLower(given), strings.ToLower(family), i)
	profile := &eventv1.Profile{GivenName: given, FamilyName: family, DisplayName: given + " " + family, PreferredLanguage: "en"}
	id := fmt.Sprintf("%018d", i)
	key, wrapped, err := n.vault.NewKey("default", id)
	if err != nil {
		n.t.Error(err)
		return
	}
	change := eventstore.Change{
		Stream: stream("user", id), Owner: "o1", Metadata: eventstore.Metadata{Actor: "admin"},
		Keys: []eventstore.DataKey{{Subject: id, Wrapped: wrapped}},
	}
	for _, msg := range []proto.Message{
		&eventv1.UserHumanAdded{OrganizationId: "o1", Username: email, Email: email, Profile: profile},
		&eventv1.UserEmailVerified{},
		&eventv1.UserPasswordChanged{Hash: "$2a$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde"},
		&eventv1.UserProfileChanged{Profile: profile},
		&eventv1.UserPasswordCodeAdded{Code: &eventv1.Code{Digest: make([]byte, 32)}},
	}[:events] {
		event, err := n.codec.Encode(key, change.Stream, id, uuid.Must(uuid.NewV7()), msg)
		if err != nil {
			n.t.Error(err)
			return
		}
		change.Events = append(change.Events, event)
	}
	if _, err := n.store.Append(n.t.Context(), change); err != nil {
		n.t.Error(err)
		return
	}
	n.vault.Remember("default", id, key)
}
