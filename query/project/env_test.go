package project_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/organizations"
	"github.com/signet-iam/signet/projection/projects"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/project"
)

const tenant = "default"

// long is a wait that a busy machine does not exhaust.
const long = 30 * time.Second

func TestMain(m *testing.M) { storetest.Main(m) }

// caller is who asks in these tests: the write side's callers are the read side's viewers.
func caller(memberships ...permission.Membership) *permission.Caller {
	return callerIn(tenant, memberships...)
}

func callerIn(tenant string, memberships ...permission.Membership) *permission.Caller {
	return permission.NewCaller(permission.Identity{Tenant: tenant, UserID: "ann", Organization: "o1"}, memberships...)
}

func root() *permission.Caller { return caller(on(permission.Membership{}, permission.InstanceOwner)) }

func on(m permission.Membership, roles ...permission.Role) permission.Membership {
	m.Roles = roles
	return m
}

// database is a log with both read models, which projections of its own fill.
type database struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	codec   *codec.Codec
	queries *project.Queries
}

func newDatabase(t *testing.T) *database {
	t.Helper()
	d := &database{pool: storetest.NewDatabase(t)}
	conn, err := d.pool.Acquire(t.Context())
	must(t, err)
	must(t, projection.Migrate(t.Context(), conn.Conn(), projects.New(nil), organizations.New(nil)))
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
	d.queries = project.New(d.pool, d.log)
	return d
}

// run starts projections; they end with the test, or when stop is called.
func (d *database) run(t *testing.T, models ...projection.Model) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	runner := projection.NewRunner(d.projection(), projection.Options{}, models...)
	running.Go(func() { runner.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

func (d *database) runAll(t *testing.T) (stop func()) {
	return d.run(t, projects.New(d.codec), organizations.New(d.codec))
}

func (d *database) projection() projection.Log {
	return projection.Log{Pool: d.pool, Store: d.log, Codec: d.codec}
}

// record appends events to the stream of a project or an organization.
func (d *database) record(t *testing.T, kind, id string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	return d.recordIn(t, eventstore.StreamID{Tenant: tenant, Kind: kind, ID: id}, messages...)
}

func (d *database) recordIn(t *testing.T, stream eventstore.StreamID, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	head, err := d.log.StreamHead(t.Context(), stream)
	must(t, err)
	owner := stream.ID
	if added, first := messages[0].(*eventv1.ProjectAdded); first {
		owner = added.GetOrganizationId()
	}
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func strong() query.Consistency { return query.Consistency{Timeout: long} }

// Histories.

func organization(name string) *eventv1.OrganizationAdded {
	return &eventv1.OrganizationAdded{Name: name}
}

func added(organization, name string) *eventv1.ProjectAdded {
	return &eventv1.ProjectAdded{OrganizationId: organization, Name: name}
}

func role(key string) *eventv1.ProjectRoleAdded {
	return &eventv1.ProjectRoleAdded{Key: key, DisplayName: "The " + key, Group: "people"}
}

func grant(to string, roles ...string) *eventv1.ProjectGrantAdded {
	return &eventv1.ProjectGrantAdded{OrganizationId: to, RoleKeys: roles}
}
