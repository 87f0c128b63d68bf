package history_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/history"
)

const tenant = "default"

// long is a wait that a busy machine does not exhaust.
const long = 30 * time.Second

func TestMain(m *testing.M) { storetest.Main(m) }

// viewer is who asks. No permission helps with the history of others.
type viewer string

func (v viewer) TenantID() string                      { return tenant }
func (v viewer) SubjectID() string                     { return string(v) }
func (v viewer) May(string, string) bool               { return true }
func (v viewer) Organizations(string) ([]string, bool) { return nil, true }

// database is a log with the read model of users, which a projection of its own fills.
type database struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	keys    *vault.Vault
	codec   *codec.Codec
	queries *history.Queries
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	d := &database{pool: storetest.NewDatabase(t)}
	conn, err := d.pool.Acquire(t.Context())
	must(t, err)
	must(t, projection.Migrate(t.Context(), conn.Conn(), users.New(nil)))
	conn.Release()
	d.log, err = eventstore.Open(context.Background(), d.pool, eventstore.Options{})
	must(t, err)
	t.Cleanup(d.log.Close)
	ring, err := vault.NewRing()
	must(t, err)
	d.keys, err = vault.New(ring, d.log)
	must(t, err)
	d.codec, err = codec.New(d.keys)
	must(t, err)
	d.queries = history.New(d.pool, d.log)
	return d
}

// run starts the projection; it ends with the test.
func (d *database) run(t testing.TB) { t.Cleanup(d.start()) }

// start starts the projection and returns what stops it.
func (d *database) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	log := projection.Log{Pool: d.pool, Store: d.log, Codec: d.codec}
	runner := projection.NewRunner(log, projection.Options{}, users.New(d.codec))
	running.Go(func() { runner.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

// record appends events to a user's stream, caused by somebody.
func (d *database) record(t testing.TB, actor, id string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	receipt, err := d.append(t, actor, id, messages)
	must(t, err)
	return receipt
}

func (d *database) append(t testing.TB, actor, id string, messages []proto.Message) (eventstore.Receipt, error) {
	stream := eventstore.StreamID{Tenant: tenant, Kind: "user", ID: id}
	head, err := d.log.StreamHead(context.Background(), stream)
	must(t, err)
	change := eventstore.Change{Stream: stream, Owner: "o1", Expected: head.Version, Metadata: eventstore.Metadata{Actor: actor}}
	key, err := d.keys.Key(context.Background(), tenant, id)
	if errors.Is(err, vault.ErrErased) {
		var wrapped []byte
		key, wrapped, err = d.keys.NewKey(tenant, id)
		change.Keys = []eventstore.DataKey{{Subject: id, Wrapped: wrapped}}
	}
	must(t, err)
	for _, m := range messages {
		e, err := d.codec.Encode(key, stream, id, uuid.Must(uuid.NewV7()), m)
		must(t, err)
		change.Events = append(change.Events, e)
	}
	return d.log.Append(context.Background(), change)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func strong() query.Consistency { return query.Consistency{Timeout: long} }

func human(username string) *eventv1.UserHumanAdded {
	return &eventv1.UserHumanAdded{
		OrganizationId: "o1", Username: username, Profile: &eventv1.Profile{DisplayName: "D " + username, PreferredLanguage: "de"},
	}
}

// catchUp lets the projection take in all that is in the log, and no more.
func (d *database) catchUp(t testing.TB) {
	t.Helper()
	defer d.start()()
	head, err := d.log.Head(t.Context())
	must(t, err)
	wait, end := context.WithTimeout(t.Context(), long)
	defer end()
	must(t, d.log.Await(wait, users.Name, head))
}
