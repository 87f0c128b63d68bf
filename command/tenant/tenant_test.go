package tenant_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/tenant"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// service returns the tenants as a process of its own sees them.
func service(t *testing.T, n *commandtest.Node) *tenant.Service {
	t.Helper()
	x, err := tenant.NewExecutor(n.Runtime)
	must(t, err)
	return tenant.New(n.Runtime, x)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// act is a command on tenants.
type act func(context.Context, *tenant.Service) (command.Receipt, error)

func add(name string, hosts ...string) act {
	return func(ctx context.Context, s *tenant.Service) (command.Receipt, error) { return s.Add(ctx, name, hosts) }
}

func setHosts(name string, hosts ...string) act {
	return func(ctx context.Context, s *tenant.Service) (command.Receipt, error) {
		return s.SetHosts(ctx, name, hosts)
	}
}

func remove(name string) act {
	return func(ctx context.Context, s *tenant.Service) (command.Receipt, error) { return s.Remove(ctx, name) }
}

func recorded(t *testing.T, n *commandtest.Node, name string, after uint64) []proto.Message {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), eventstore.StreamID{Tenant: tenant.Installation, Kind: tenant.Kind, ID: name}, after)
	must(t, err)
	messages, faults, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Open)
	must(t, err)
	out := make([]proto.Message, len(messages))
	for i, m := range messages {
		must(t, faults[i])
		out[i] = m.Proto
	}
	return out
}

func TestCommands(t *testing.T) {
	t.Parallel()
	hosts := func(n int) []string {
		return slices.Repeat([]string{"a.example.com"}, n)
	}
	acme := []act{add("acme", "id.acme.com", "acme.localhost")}
	for name, c := range map[string]struct {
		given []act
		when  act
		then  []proto.Message
		err   error
	}{
		"add": {nil, add("acme", "ID.Acme.com:8443", "acme.localhost.", "id.acme.com"),
			[]proto.Message{&eventv1.TenantAdded{Hosts: []string{"id.acme.com", "acme.localhost"}}}, nil},
		"add again":                  {acme, add("acme", "other.com"), nil, tenant.ErrExists},
		"add after the removal":      {append(acme, remove("acme")), add("acme", "id.acme.com"), nil, tenant.ErrExists},
		"add the default one":        {nil, add("default", "id.acme.com"), nil, tenant.ErrExists},
		"add without a name":         {nil, add("", "id.acme.com"), nil, tenant.ErrName},
		"add with a strange name":    {nil, add("Acme", "id.acme.com"), nil, tenant.ErrName},
		"add the installation":       {nil, add(tenant.Installation, "id.acme.com"), nil, tenant.ErrName},
		"add with a long name":       {nil, add(strings.Repeat("a", 64), "id.acme.com"), nil, tenant.ErrName},
		"add without a host":         {nil, add("acme"), nil, tenant.ErrHosts},
		"add with no host name":      {nil, add("acme", "id.acme.com", "id acme"), nil, tenant.ErrHosts},
		"add with a URL":             {nil, add("acme", "https://id.acme.com"), nil, tenant.ErrHosts},
		"add with an address":        {nil, add("acme", "127.0.0.1"), nil, tenant.ErrHosts},
		"add with a hyphen too much": {nil, add("acme", "id-.acme.com"), nil, tenant.ErrHosts},
		"add with too many hosts":    {nil, add("acme", hosts(51)...), nil, tenant.ErrHosts},
		"add with a host of another": {acme, add("other", "other.com", "ID.acme.com"), nil, tenant.ErrHostTaken},
		"add with a host that was free again": {append(acme, setHosts("acme", "id.acme.com")), add("other", "acme.localhost"),
			[]proto.Message{&eventv1.TenantAdded{Hosts: []string{"acme.localhost"}}}, nil},
		"add with a host of a removed one": {append(acme, remove("acme")), add("other", "id.acme.com"),
			[]proto.Message{&eventv1.TenantAdded{Hosts: []string{"id.acme.com"}}}, nil},
		"set hosts": {acme, setHosts("acme", "new.acme.com", "id.acme.com"),
			[]proto.Message{&eventv1.TenantHostsSet{Hosts: []string{"new.acme.com", "id.acme.com"}}}, nil},
		"set the same hosts": {acme, setHosts("acme", "id.acme.com", "acme.localhost"), nil, nil},
		"set hosts in another order": {acme, setHosts("acme", "acme.localhost", "id.acme.com"),
			[]proto.Message{&eventv1.TenantHostsSet{Hosts: []string{"acme.localhost", "id.acme.com"}}}, nil},
		"set a host of another":        {append(acme, add("other", "other.com")), setHosts("other", "id.acme.com"), nil, tenant.ErrHostTaken},
		"set hosts of the default one": {nil, setHosts("default", "id.com"), []proto.Message{&eventv1.TenantHostsSet{Hosts: []string{"id.com"}}}, nil},
		"set a host of the default":    {[]act{setHosts("default", "id.com")}, add("acme", "id.com"), nil, tenant.ErrHostTaken},
		"set hosts of nobody":          {nil, setHosts("acme", "id.acme.com"), nil, tenant.ErrNotFound},
		"set hosts of a removed one":   {append(acme, remove("acme")), setHosts("acme", "id.acme.com"), nil, tenant.ErrNotFound},
		"set no hosts":                 {acme, setHosts("acme"), nil, tenant.ErrHosts},
		"remove":                       {acme, remove("acme"), []proto.Message{&eventv1.TenantRemoved{}}, nil},
		"remove again":                 {append(acme, remove("acme")), remove("acme"), nil, tenant.ErrNotFound},
		"remove nobody":                {nil, remove("acme"), nil, tenant.ErrNotFound},
		"remove the default one":       {nil, remove("default"), nil, tenant.ErrDefault},
		"remove what cannot be":        {nil, remove("#installation"), nil, tenant.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := commandtest.Bare(t, database(t))
			s := service(t, n)
			for _, given := range c.given {
				_, err := given(t.Context(), s)
				must(t, err)
			}
			before := make(map[string]int)
			for _, name := range []string{"acme", "other", "default"} {
				before[name] = len(recorded(t, n, name, 0))
			}
			if _, err := c.when(t.Context(), s); !errors.Is(err, c.err) {
				t.Fatalf("%v, not %v", err, c.err)
			}
			var then []proto.Message
			for name, version := range before {
				then = append(then, recorded(t, n, name, uint64(version))...)
			}
			if !slices.EqualFunc(then, c.then, proto.Equal) {
				t.Errorf("recorded %v, not %v", then, c.then)
			}
		})
	}
}

// Two tenants want one host name at the same time, from several processes: one of them gets it.
func TestRaceForAHost(t *testing.T) {
	t.Parallel()
	const processes = 4
	n := commandtest.Bare(t, database(t))
	services := make([]*tenant.Service, processes)
	for i := range services {
		services[i] = service(t, n.Another(t))
	}
	errs := make([]error, processes)
	var wg sync.WaitGroup
	for i, s := range services {
		wg.Go(func() { _, errs[i] = s.Add(t.Context(), string(rune('a'+i)), []string{"id.example.com"}) })
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, tenant.ErrHostTaken):
			t.Errorf("process %d: %v", i, err)
		}
	}
	if won != 1 {
		t.Errorf("%d tenants have the host", won)
	}
}

func TestListAndHosts(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	s := service(t, n)
	for _, act := range []act{
		add("acme", "id.acme.com", "acme.localhost"), add("gone", "id.gone.com", "taken.com"), remove("gone"),
		add("zoo", "taken.com", "dropped.zoo.com"), setHosts("zoo", "taken.com"), setHosts("default", "id.example.com"),
	} {
		_, err := act(t.Context(), s)
		must(t, err)
	}
	tenants, err := service(t, n.Another(t)).List(t.Context())
	must(t, err)
	var names []string
	for i := range tenants {
		if tenants[i].Exists() {
			names = append(names, tenants[i].Name+" "+strings.Join(tenants[i].Hosts, " "))
		}
	}
	if want := []string{"acme id.acme.com acme.localhost", "default id.example.com", "zoo taken.com"}; !slices.Equal(names, want) || len(tenants) != 4 {
		t.Errorf("%q of %d, not %q", names, len(tenants), want)
	}
	hosts := tenant.NewHosts(tenants)
	for host, want := range map[string]string{
		"id.acme.com": "acme", "ID.ACME.COM:8080": "acme", "acme.localhost.": "acme", "taken.com": "zoo", "taken.com:443": "zoo",
		"id.gone.com": "", "id.gone.com:80": "", "dropped.zoo.com": "default", "id.example.com": "default", "localhost:8080": "default",
		"127.0.0.1:8080": "default", "[::1]:8080": "default", "": "default", "\x00": "default", "sub.id.acme.com": "default",
	} {
		got, err := hosts.Tenant(host)
		if got != want || (want == "") != errors.Is(err, tenant.ErrNotFound) {
			t.Errorf("%q leads to %q, %v, not to %q", host, got, err, want)
		}
	}
	for name, want := range map[string]bool{"acme": true, "default": true, "gone": false, "nobody": false, "#installation": false} {
		if got, err := s.Exists(t.Context(), name); err != nil || got != want {
			t.Errorf("%s exists: %v, %v", name, got, err)
		}
	}
}

// More tenants than one read returns.
func TestListOfMany(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	s := service(t, n)
	_, err := s.Add(t.Context(), "acme", []string{"a.com"})
	must(t, err)
	x, err := tenant.NewExecutor(n.Runtime)
	must(t, err)
	for range 3 { // as history would have left them
		_, _, err = x.Execute(t.Context(), command.Call[tenant.State]{
			Tenant: tenant.Installation, ID: "acme", Actor: "test",
			Decide: func(context.Context, *command.Snapshot[tenant.State]) (d command.Decision, _ error) {
				for range 500 {
					d.Add(n.Runtime.NewID(), &eventv1.TenantHostsSet{Hosts: []string{"b.com"}})
				}
				return d, nil
			},
		})
		must(t, err)
	}
	_, err = s.Add(t.Context(), "last", []string{"last.com"})
	must(t, err)
	tenants, err := s.List(t.Context())
	if err != nil || len(tenants) != 3 || tenants[2].Name != "last" || !slices.Equal(tenants[0].Hosts, []string{"b.com"}) {
		t.Errorf("%+v, %v", tenants, err)
	}
}
