package provider_test

import (
	"context"
	"errors"
	"fmt"
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
	"github.com/signet-iam/signet/projection/providers"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/provider"
)

const tenant = "default"

// long is a wait that a busy machine does not exhaust.
const long = 30 * time.Second

func TestMain(m *testing.M) { storetest.Main(m) }

// viewer is who asks in these tests.
type viewer struct {
	organizations []string // where it holds idp.read
	all           bool
}

func (v viewer) TenantID() string  { return tenant }
func (v viewer) SubjectID() string { return "viewer" }

func (v viewer) Organizations(string) ([]string, bool) { return v.organizations, v.all }

func (v viewer) May(_, organization string) bool {
	return v.all || organization != "" && slices.Contains(v.organizations, organization)
}

var root = viewer{all: true}

// database is a log with the read model, which a projection of its own fills.
type database struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	keys    *vault.Vault
	codec   *codec.Codec
	queries *provider.Queries
}

func newDatabase(t *testing.T) *database {
	t.Helper()
	d := &database{pool: storetest.NewDatabase(t)}
	conn, err := d.pool.Acquire(t.Context())
	must(t, err)
	must(t, projection.Migrate(t.Context(), conn.Conn(), providers.New(nil)))
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
	d.queries = provider.New(d.pool, d.log)
	return d
}

// run starts the projection; it ends with the test.
func (d *database) run(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	runner := projection.NewRunner(d.projection(), projection.Options{}, providers.New(d.codec))
	running.Go(func() { runner.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

func (d *database) projection() projection.Log {
	return projection.Log{Pool: d.pool, Store: d.log, Codec: d.codec}
}

// record appends events to a provider's stream.
func (d *database) record(t *testing.T, id, organization string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	return d.append(t, eventstore.StreamID{Tenant: tenant, Kind: "idp", ID: id}, organization, messages...)
}

// end has an organization end.
func (d *database) end(t *testing.T, organization string) {
	t.Helper()
	d.append(t, eventstore.StreamID{Tenant: tenant, Kind: "org", ID: organization}, organization, &eventv1.OrganizationRemoved{})
}

func (d *database) append(t *testing.T, stream eventstore.StreamID, owner string, messages ...proto.Message) eventstore.Receipt {
	t.Helper()
	head, err := d.log.StreamHead(t.Context(), stream)
	must(t, err)
	change := eventstore.Change{Stream: stream, Owner: owner, Expected: head.Version, Metadata: eventstore.Metadata{Actor: "root"}}
	key, err := d.keys.Key(t.Context(), tenant, stream.ID)
	if errors.Is(err, vault.ErrErased) {
		var wrapped []byte
		key, wrapped, err = d.keys.NewKey(tenant, stream.ID)
		change.Keys = []eventstore.DataKey{{Subject: stream.ID, Wrapped: wrapped}}
	}
	must(t, err)
	for _, m := range messages {
		e, err := d.codec.Encode(key, stream, stream.ID, uuid.Must(uuid.NewV7()), m)
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

func settings(name string) *eventv1.IdentityProvider {
	return &eventv1.IdentityProvider{Name: name, Oidc: &eventv1.OIDCProvider{Issuer: "https://id.example.com", ClientId: "signet"}}
}

func added(organization, name string) *eventv1.IDPAdded {
	return &eventv1.IDPAdded{OrganizationId: organization, Provider: settings(name), Credentials: &eventv1.ProviderCredentials{ClientSecret: "s3cret"}}
}

func strong() query.Consistency { return query.Consistency{Timeout: long} }

// Whatever was recorded is there at once, changes and the end included.
func TestReadsSeeWrites(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	for i := range 10 {
		id := fmt.Sprintf("p%d", i)
		d.record(t, id, "o1", added("o1", "first"))
		got, err := d.queries.Get(t.Context(), root, id, strong())
		if err != nil || got.Settings.GetName() != "first" || got.Organization != "o1" || got.Version != 1 {
			t.Fatalf("added: %+v, %v", got, err)
		}
		receipt := d.record(t, id, "o1", &eventv1.IDPChanged{Provider: settings("second")})
		got, err = d.queries.Get(t.Context(), root, id, strong())
		if err != nil || !proto.Equal(got.Settings, settings("second")) || got.Version != 2 || got.Position != receipt.Position || got.CreatedAt.IsZero() {
			t.Fatalf("changed: %+v, %v", got, err)
		}
		list, err := d.queries.List(t.Context(), root, provider.ListRequest{Consistency: strong()})
		if err != nil || len(list.Rows) != 1 || list.Total != 1 || list.Rows[0].ID != id || list.Position < receipt.Position {
			t.Fatalf("list: %+v, %v", list, err)
		}
		d.record(t, id, "o1", &eventv1.IDPRemoved{})
		if _, err := d.queries.Get(t.Context(), root, id, strong()); !errors.Is(err, provider.ErrNotFound) {
			t.Fatalf("removed: %v", err)
		}
	}
}

func TestAReadThatIsBehindFails(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.record(t, "p", "o1", added("o1", "first")) // and no projection runs
	if _, err := d.queries.Get(t.Context(), root, "p", query.Consistency{Timeout: time.Millisecond}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("get: %v", err)
	}
	if _, err := d.queries.List(t.Context(), root, provider.ListRequest{Consistency: query.Consistency{Timeout: time.Millisecond}}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("list: %v", err)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	d.record(t, "a", "o1", added("o1", "of one"))
	d.record(t, "b", "o2", added("o2", "of the other"))
	d.record(t, "c", "", added("", "of all"))
	for name, c := range map[string]struct {
		viewer viewer
		sees   []string
		denied []string
	}{
		"nobody":                   {viewer{}, nil, []string{"a", "b", "c", "nothing"}},
		"of one organization":      {viewer{organizations: []string{"o1"}}, []string{"a"}, []string{"b", "c", "nothing"}},
		"of both":                  {viewer{organizations: []string{"o1", "o2"}}, []string{"a", "b"}, []string{"c", "nothing"}},
		"of the instance":          {root, []string{"a", "b", "c"}, nil},
		"of one that has no other": {viewer{organizations: []string{"o3"}}, nil, []string{"a", "b", "c", "nothing"}},
	} {
		for _, id := range c.denied {
			if _, err := d.queries.Get(t.Context(), c.viewer, id, strong()); !errors.Is(err, query.ErrDenied) {
				t.Errorf("%s reads %s: %v", name, id, err)
			}
		}
		list, err := d.queries.List(t.Context(), c.viewer, provider.ListRequest{Page: query.Page{Ascending: true}, Consistency: strong()})
		if name == "nobody" {
			if !errors.Is(err, query.ErrDenied) {
				t.Errorf("nobody lists: %v", err)
			}
			continue
		}
		var ids []string
		for _, p := range list.Rows {
			ids = append(ids, p.ID)
		}
		if err != nil || !slices.Equal(ids, c.sees) || list.Total != uint64(len(c.sees)) {
			t.Errorf("%s: %v of %d, %v", name, ids, list.Total, err)
		}
	}
	if _, err := d.queries.Get(t.Context(), root, "nothing", strong()); !errors.Is(err, provider.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}

// Nobody sees what an organization had that has ended, from the moment it did.
func TestEndedOrganizations(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	d.record(t, "a", "o1", added("o1", "of one"))
	d.record(t, "b", "o2", added("o2", "of the other"))
	d.end(t, "o1")
	if _, err := d.queries.Get(t.Context(), root, "a", strong()); !errors.Is(err, provider.ErrNotFound) {
		t.Errorf("by id: %v", err)
	}
	list, err := d.queries.List(t.Context(), root, provider.ListRequest{Consistency: strong()})
	if err != nil || list.Total != 1 || len(list.Rows) != 1 || list.Rows[0].ID != "b" {
		t.Errorf("list: %+v, %v", list, err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	for i := range 5 {
		d.record(t, fmt.Sprintf("p%d", i), "o1", added("o1", "p"))
	}
	d.record(t, "q", "o2", added("o2", "q"))
	for name, c := range map[string]struct {
		request provider.ListRequest
		ids     []string
		total   uint64
	}{
		"newest first": {provider.ListRequest{Page: query.Page{Limit: 2}}, []string{"q", "p4"}, 6},
		"the next":     {provider.ListRequest{Page: query.Page{Limit: 2, Offset: 2}}, []string{"p3", "p2"}, 6},
		"oldest first": {provider.ListRequest{Page: query.Page{Limit: 2, Ascending: true}}, []string{"p0", "p1"}, 6},
		"beyond":       {provider.ListRequest{Page: query.Page{Offset: 6}}, nil, 6},
		"of one":       {provider.ListRequest{Organization: "o2"}, []string{"q"}, 1},
	} {
		c.request.Consistency = strong()
		list, err := d.queries.List(t.Context(), root, c.request)
		var ids []string
		for _, p := range list.Rows {
			ids = append(ids, p.ID)
		}
		if err != nil || !slices.Equal(ids, c.ids) || list.Total != c.total {
			t.Errorf("%s: %v of %d, %v", name, ids, list.Total, err)
		}
	}
	for _, r := range []provider.ListRequest{{Page: query.Page{Limit: 1001}}, {Page: query.Page{Offset: 1 << 63}}, {Organization: "\x00"}} {
		if _, err := d.queries.List(t.Context(), root, r); err == nil {
			t.Errorf("%+v is taken", r)
		}
	}
}

// A rebuild from the log yields the same rows, and no row holds a credential.
func TestRebuild(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	d.record(t, "a", "o1", added("o1", "first"), &eventv1.IDPChanged{Provider: settings("second"), Credentials: &eventv1.ProviderCredentials{ClientSecret: "s3cret"}})
	d.record(t, "b", "o1", added("o1", "gone"), &eventv1.IDPRemoved{})
	if _, err := d.queries.List(t.Context(), root, provider.ListRequest{Consistency: strong()}); err != nil {
		t.Fatal(err)
	}
	operator := projection.NewOperator(d.projection(), projection.Options{}, providers.New(d.codec))
	if found, err := operator.Verify(t.Context(), providers.Name, nil); err != nil || found.Rows != 2 || found.Differing != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
	var held int
	must(t, d.pool.QueryRow(t.Context(), "select count(*) from projection.providers p where position('s3cret'::bytea in settings) > 0").Scan(&held))
	if held != 0 {
		t.Errorf("%d rows hold a secret", held)
	}
}
