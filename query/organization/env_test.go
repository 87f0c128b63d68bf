package organization_test

import (
	"context"
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
	"github.com/signet-iam/signet/projection/organizations"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/organization"
)

const tenant = "default"

// long is a wait that a busy machine does not exhaust.
const long = 30 * time.Second

func TestMain(m *testing.M) { storetest.Main(m) }

// viewer is who asks in these tests.
type viewer struct {
	subject       string
	home          string   // the organization it belongs to
	organizations []string // where it holds org.read
	all           bool
}

func (v viewer) TenantID() string                      { return tenant }
func (v viewer) SubjectID() string                     { return v.subject }
func (v viewer) Organizations(string) ([]string, bool) { return v.organizations, v.all }

func (v viewer) May(_, organization string) bool {
	return v.all || organization != "" && slices.Contains(v.organizations, organization)
}

var root = viewer{subject: "root", all: true}

// database is a log with the read model, which a projection of its own fills.
type database struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	codec   *codec.Codec
	queries *organization.Queries
}

func newDatabase(t *testing.T) *database {
	t.Helper()
	d := &database{pool: storetest.NewDatabase(t)}
	conn, err := d.pool.Acquire(t.Context())
	must(t, err)
	must(t, projection.Migrate(t.Context(), conn.Conn(), organizations.New(nil)))
	conn.Release()
	d.log, err = eventstore.Open(context.Background(), d.pool, eventstore.Options{})
	must(t, err)
	t.Cleanup(d.log.Close)
	ring, err := vault.NewRing()
	must(t, err)
	keys, err := vault.New(ring, d.log)
	must(t, err)
	d.codec, err = codec.New(keys)
	must(t, err)
	d.queries = organization.New(d.pool, d.log)
	return d
}

// run starts the projection; it ends with the test.
func (d *database) run(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	runner := projection.NewRunner(d.projection(), projection.Options{}, organizations.New(d.codec))
	running.Go(func() { runner.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

func (d *database) projection() projection.Log {
	return projection.Log{Pool: d.pool, Store: d.log, Codec: d.codec}
}

// record appends events to an organization's stream.
func (d *database) record(t *testing.T, id string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	return d.append(t, streamOf(id), id, messages...)
}

// setUp makes an organization the default one.
func (d *database) setUp(t *testing.T, id string) {
	t.Helper()
	d.append(t, eventstore.StreamID{Tenant: tenant, Kind: "instance", ID: tenant}, id, &eventv1.InstanceAdded{DefaultOrganizationId: id})
}

// settle has a user belong to an organization.
func (d *database) settle(t *testing.T, user, organization string) {
	t.Helper()
	d.append(t, eventstore.StreamID{Tenant: tenant, Kind: "user", ID: user}, organization, &eventv1.UserMachineAdded{OrganizationId: organization})
}

func (d *database) append(t *testing.T, stream eventstore.StreamID, owner string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	head, err := d.log.StreamHead(t.Context(), stream)
	must(t, err)
	change := eventstore.Change{Stream: stream, Owner: owner, Expected: head.Version, Metadata: eventstore.Metadata{Actor: "root"}}
	for _, m := range messages {
		e, err := d.codec.Encode(vault.Key{}, stream, "", uuid.Must(uuid.NewV7()), m)
		must(t, err)
		change.Events = append(change.Events, e)
	}
	receipt, err := d.log.Append(t.Context(), change)
	must(t, err)
	return receipt
}

// verify compares the tables with what a rebuild would make of the log.
func (d *database) verify(t *testing.T) {
	t.Helper()
	op := projection.NewOperator(d.projection(), projection.Options{}, organizations.New(d.codec))
	v, err := op.Verify(t.Context(), organizations.Name, nil)
	must(t, err)
	if v.Differing > 0 {
		t.Errorf("a rebuild differs: %+v", v.Differences)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func strong() query.Consistency { return query.Consistency{Timeout: long} }

func added(name string) *eventv1.OrganizationAdded { return &eventv1.OrganizationAdded{Name: name} }

func streamOf(id string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: tenant, Kind: "org", ID: id}
}
