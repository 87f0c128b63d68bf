package querytest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/authorizations"
	"github.com/signet-iam/signet/projection/memberships"
	"github.com/signet-iam/signet/projection/organizations"
	"github.com/signet-iam/signet/projection/projects"
	"github.com/signet-iam/signet/projection/users"
)

// Database is a log with the read models of users, organizations, projects, authorizations and memberships.
type Database struct {
	Pool *pgxpool.Pool
	Log  *eventstore.Store

	keys  *vault.Vault
	codec *codec.Codec
}

// New returns an empty database.
func New(t testing.TB) *Database {
	t.Helper()
	d := &Database{Pool: storetest.NewDatabase(t)}
	conn, err := d.Pool.Acquire(t.Context())
	must(t, err)
	must(t, projection.Migrate(t.Context(), conn.Conn(), d.Models()...))
	conn.Release()
	d.Log, err = eventstore.Open(context.Background(), d.Pool, eventstore.Options{})
	must(t, err)
	t.Cleanup(d.Log.Close)
	ring, err := vault.NewRing()
	must(t, err)
	d.keys, err = vault.New(ring, d.Log)
	must(t, err)
	d.codec, err = codec.New(d.keys)
	must(t, err)
	return d
}

// Models are the read models.
func (d *Database) Models() []projection.Model {
	return []projection.Model{
		users.New(d.codec), organizations.New(d.codec), projects.New(d.codec), authorizations.New(d.codec), memberships.New(d.codec),
	}
}

// Run starts the projections; they end with the test.
func (d *Database) Run(t testing.TB) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	runner := projection.NewRunner(d.Projection(), projection.Options{}, d.Models()...)
	running.Go(func() { runner.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

// Projection is what projections work with.
func (d *Database) Projection() projection.Log {
	return projection.Log{Pool: d.Pool, Store: d.Log, Codec: d.codec}
}

// Record appends events to a stream, whatever came before.
func (d *Database) Record(t testing.TB, stream eventstore.StreamID, owner string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	subject := "#" + stream.Kind + ":" + stream.ID
	head, err := d.Log.StreamHead(t.Context(), stream)
	must(t, err)
	change := eventstore.Change{Stream: stream, Owner: owner, Expected: head.Version, Metadata: eventstore.Metadata{Actor: "root"}}
	key, err := d.keys.Key(t.Context(), stream.Tenant, subject)
	if errors.Is(err, vault.ErrErased) {
		var wrapped []byte
		key, wrapped, err = d.keys.NewKey(stream.Tenant, subject)
		change.Keys = []eventstore.DataKey{{Subject: subject, Wrapped: wrapped}}
	}
	must(t, err)
	for _, m := range messages {
		e, err := d.codec.Encode(key, stream, subject, uuid.Must(uuid.NewV7()), m)
		must(t, err)
		change.Events = append(change.Events, e)
	}
	receipt, err := d.Log.Append(t.Context(), change)
	must(t, err)
	d.keys.Remember(stream.Tenant, subject, key)
	return receipt
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
