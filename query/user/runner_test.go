package user_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// The whole way, with the real projection on one of two nodes: create, get and list by email, at once, on both.
func TestCreateGetListOnTwoNodes(t *testing.T) {
	t.Parallel()
	first := newDatabase(t)
	second := first.node(t)
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.New(ring, first.log)
	if err != nil {
		t.Fatal(err)
	}
	events, err := codec.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	log := projection.Log{Pool: second.pool, Store: second.log, Codec: events}
	ctx, stop := context.WithCancel(context.Background())
	var running, creating sync.WaitGroup
	running.Go(func() { projection.NewRunner(log, projection.Options{}, users.New(events)).Run(ctx) })
	for w := range 4 {
		creating.Go(func() {
			for i := range 25 {
				create(t, first, keys, events, fmt.Sprintf("u%d-%d", w, i), second)
			}
		})
	}
	creating.Wait()
	stop()
	running.Wait()
}

func create(t *testing.T, d *database, keys *vault.Vault, events *codec.Codec, id string, second *database) {
	ctx := context.Background()
	key, wrapped, err := keys.NewKey(tenant, id)
	if err != nil {
		t.Error(err)
		return
	}
	stream := eventstore.StreamID{Tenant: tenant, Kind: "user", ID: id}
	email := id + "@Example.com"
	added, err := events.Encode(key, stream, id, uuid.Must(uuid.NewV7()), &eventv1.UserHumanAdded{
		OrganizationId: "o1", Username: email, Email: email, Profile: &eventv1.Profile{GivenName: "Ann", FamilyName: id, DisplayName: "Ann"},
	})
	if err != nil {
		t.Error(err)
		return
	}
	receipt, err := d.log.Append(ctx, eventstore.Change{
		Stream: stream, Owner: "o1", Events: []eventstore.NewEvent{added}, Keys: []eventstore.DataKey{{Subject: id, Wrapped: wrapped}},
		Metadata: eventstore.Metadata{Actor: "root"},
	})
	if err != nil {
		t.Error(err)
		return
	}
	for n, node := range []*database{d, second} {
		got, err := node.queries.Get(ctx, root, id, query.Consistency{Timeout: long})
		if err != nil || got.Human.Email != email || got.Position != receipt.Position {
			t.Errorf("node %d: get %s: %+v, %v", n, id, got, err)
		}
		filters := []user.Filter{user.Text{Field: user.Email, Value: email}}
		l, err := node.queries.List(ctx, root, user.ListRequest{Filters: filters, Consistency: query.Consistency{Timeout: long}})
		if err != nil || l.Total != 1 || len(l.Users) != 1 || l.Users[0].ID != id || l.Position < receipt.Position {
			t.Errorf("node %d: list %s: %+v, %v", n, id, l, err)
		}
	}
	equip(t, d, sealed{events, key, stream}, second)
}

// sealed is a user's stream with what events in it are sealed with.
type sealed struct {
	events *codec.Codec
	key    vault.Key
	stream eventstore.StreamID
}

// equip gives a user at version 1 a factor, a token and metadata, and reads them at once on both nodes.
func equip(t *testing.T, d *database, s sealed, second *database) {
	ctx, id := context.Background(), s.stream.ID
	change := eventstore.Change{Stream: s.stream, Owner: "o1", Expected: 1, Metadata: eventstore.Metadata{Actor: "root"}}
	for _, msg := range []proto.Message{
		&eventv1.UserOTPEmailAdded{}, &eventv1.UserTokenAdded{TokenId: "t-" + id}, &eventv1.UserMetadataSet{Key: "k", Value: []byte(id)},
	} {
		event, err := s.events.Encode(s.key, s.stream, id, uuid.Must(uuid.NewV7()), msg)
		if err != nil {
			t.Error(err)
			return
		}
		change.Events = append(change.Events, event)
	}
	receipt, err := d.log.Append(ctx, change)
	if err != nil {
		t.Error(err)
		return
	}
	fresh := query.Consistency{Timeout: long}
	for n, node := range []*database{d, second} {
		factors, err := node.queries.Factors(ctx, root, id, user.FactorFilter{}, fresh)
		if err != nil || len(factors.Factors) != 1 || factors.Position != receipt.Position {
			t.Errorf("node %d: factors of %s: %+v, %v", n, id, factors, err)
		}
		metadata, err := node.queries.Metadata(ctx, root, user.MetadataRequest{UserID: id, Consistency: fresh})
		if err != nil || len(metadata.Metadata) != 1 || string(metadata.Metadata[0].Value) != id {
			t.Errorf("node %d: metadata of %s: %+v, %v", n, id, metadata, err)
		}
		filters := []user.IssuedFilter{user.IssuedID("t-" + id)}
		tokens, err := node.queries.Tokens(ctx, root, user.IssuedRequest{Filters: filters, Consistency: fresh})
		if err != nil || tokens.Total != 1 || tokens.Rows[0].UserID != id || tokens.Rows[0].ExpiresAt != user.Never() {
			t.Errorf("node %d: tokens of %s: %+v, %v", n, id, tokens, err)
		}
	}
}
