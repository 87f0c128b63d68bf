package session_test

import (
	"context"
	"errors"
	"slices"
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
	"github.com/signet-iam/signet/projection/sessions"
	"github.com/signet-iam/signet/projection/users"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/session"
)

const tenant = "default"

// long is a wait that a busy machine does not exhaust.
const long = 30 * time.Second

func TestMain(m *testing.M) { storetest.Main(m) }

// viewer is who asks in these tests.
type viewer struct {
	subject       string
	organizations []string // where it holds session.read
	all           bool
}

func (v viewer) TenantID() string  { return tenant }
func (v viewer) SubjectID() string { return v.subject }

func (v viewer) Organizations(string) ([]string, bool) {
	if v.all {
		return nil, true
	}
	return v.organizations, false
}

func (v viewer) May(_, organization string) bool {
	return v.all || organization != "" && slices.Contains(v.organizations, organization)
}

var root = viewer{subject: "root", all: true}

// database is a log with both read models, which projections of its own fill.
type database struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	keys    *vault.Vault
	codec   *codec.Codec
	queries *session.Queries
}

func newDatabase(t *testing.T) *database {
	t.Helper()
	d := &database{pool: storetest.NewDatabase(t)}
	conn, err := d.pool.Acquire(t.Context())
	must(t, err)
	must(t, projection.Migrate(t.Context(), conn.Conn(), users.New(nil), sessions.New(nil)))
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
	d.queries = session.New(d.pool, d.log)
	return d
}

// run starts projections; they end with the test.
func (d *database) run(t *testing.T, models ...projection.Model) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	runner := projection.NewRunner(d.projection(), projection.Options{}, models...)
	running.Go(func() { runner.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

func (d *database) runAll(t *testing.T) { d.run(t, users.New(d.codec), sessions.New(d.codec)) }

func (d *database) projection() projection.Log {
	return projection.Log{Pool: d.pool, Store: d.log, Codec: d.codec}
}

// record appends events to the stream of a session or a user.
func (d *database) record(t *testing.T, kind, id string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	stream := eventstore.StreamID{Tenant: tenant, Kind: kind, ID: id}
	subject := id
	if kind == "session" {
		subject = "#session:" + id
	}
	head, err := d.log.StreamHead(t.Context(), stream)
	must(t, err)
	change := eventstore.Change{Stream: stream, Owner: "o1", Expected: head.Version, Metadata: eventstore.Metadata{Actor: "root"}}
	key, err := d.keys.Key(t.Context(), tenant, subject)
	if errors.Is(err, vault.ErrErased) {
		var wrapped []byte
		key, wrapped, err = d.keys.NewKey(tenant, subject)
		change.Keys = []eventstore.DataKey{{Subject: subject, Wrapped: wrapped}}
	}
	must(t, err)
	for _, m := range messages {
		e, err := d.codec.Encode(key, stream, subject, uuid.Must(uuid.NewV7()), m)
		must(t, err)
		change.Events = append(change.Events, e)
	}
	receipt, err := d.log.Append(t.Context(), change)
	must(t, err)
	return receipt
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func strong() query.Consistency { return query.Consistency{Timeout: long} }

func ask(id string) session.GetRequest { return session.GetRequest{ID: id, Consistency: strong()} }

func human(organization, username string) *eventv1.UserHumanAdded {
	return &eventv1.UserHumanAdded{OrganizationId: organization, Username: username, Profile: &eventv1.Profile{DisplayName: "D " + username}}
}

func about(user, organization string) *eventv1.SessionUserChecked {
	return &eventv1.SessionUserChecked{UserId: user, OrganizationId: organization}
}
