package wire

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"connectrpc.com/connect"

	"github.com/signet-iam/signet/api/interceptor"
	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/tenant"
	"github.com/signet-iam/signet/eventstore"
)

// tenants hands each request to its tenant. A tenant is opened by the first request to it, so that those nobody asks for cost
// nothing, and closed when it is removed or gets another URL.
type tenants struct {
	domain  *domain
	cfg     *config.Server
	proxies []netip.Prefix
	handler func(*tenancy) (http.Handler, error)
	spawn   func(work func(context.Context)) (end context.CancelFunc)
	mapping *interceptor.Errors
	errors  *connect.ErrorWriter

	opening sync.Mutex // of who opens a tenant
	mu      sync.RWMutex
	hosts   *tenant.Hosts
	urls    map[string]string // host in the URLs of the tenants there are; empty: the installation's
	opened  map[string]*opened
}

// opened is a tenant that is served.
type opened struct {
	*tenancy
	host    string
	handler http.Handler
	end     context.CancelFunc // of its work in the background
}

// newTenants returns tenants that are yet to be loaded.
func (n *Node) newTenants(d *domain, spawn func(func(context.Context)) context.CancelFunc) (*tenants, error) {
	proxies, err := n.cfg.SignIn.Proxies()
	if err != nil {
		return nil, err
	}
	return &tenants{
		domain: d, cfg: &n.cfg, proxies: proxies, handler: n.handler, spawn: spawn,
		mapping: interceptor.NewErrors(n.log), errors: connect.NewErrorWriter(),
		hosts: tenant.NewHosts(nil), opened: make(map[string]*opened),
	}, nil
}

// load reads which tenants there are, and closes those that are not any more or are elsewhere.
func (t *tenants) load(ctx context.Context) error {
	list, err := t.domain.tenants.List(ctx)
	if err != nil {
		return err
	}
	urls := make(map[string]string, len(list))
	for i := range list {
		switch {
		case list[i].Name == tenant.Default:
			urls[tenant.Default] = ""
		case list[i].Exists():
			urls[list[i].Name] = list[i].Hosts[0]
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hosts, t.urls = tenant.NewHosts(list), urls
	for name, o := range t.opened {
		if host, exists := urls[name]; !exists || host != o.host {
			o.end()
			delete(t.opened, name)
		}
	}
	return nil
}

// names returns the tenants there are.
func (t *tenants) names() []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	names := make([]string, 0, len(t.urls))
	for name := range t.urls {
		names = append(names, name)
	}
	return names
}

// ServeHTTP hands a request to the tenant of its host name.
func (t *tenants) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o, err := t.find(t.host(r))
	if err != nil {
		_ = t.errors.Write(w, r, t.mapping.Map(r.Context(), r.URL.Path, err))
		return
	}
	o.handler.ServeHTTP(w, r)
}

// find returns the tenant that answers to a host.
func (t *tenants) find(host string) (*opened, error) {
	t.mu.RLock()
	name, err := t.hosts.Tenant(host)
	o := t.opened[name]
	t.mu.RUnlock()
	if err != nil || o != nil {
		return o, err
	}
	return t.open(name)
}

// get returns a tenant if it is open, else nil.
func (t *tenants) get(name string) *opened {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.opened[name]
}

// open opens a tenant unless it is open.
func (t *tenants) open(name string) (*opened, error) {
	t.opening.Lock()
	defer t.opening.Unlock()
	if o := t.get(name); o != nil {
		return o, nil
	}
	t.mu.RLock()
	host, exists := t.urls[name]
	t.mu.RUnlock()
	if !exists {
		return nil, tenant.ErrNotFound
	}
	o, err := t.build(name, host)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if now, exists := t.urls[name]; !exists || now != host {
		return nil, tenant.ErrNotFound // meanwhile; a request that comes again finds how it is now
	}
	o.end = t.spawn(func(ctx context.Context) { _ = o.tokens.Maintain(ctx) })
	t.opened[name] = o
	return o, nil
}

func (t *tenants) build(name, host string) (*opened, error) {
	cfg := t.cfg
	if host != "" {
		cfg = cfg.ForHost(host)
	}
	own, err := t.domain.newTenancy(name, cfg)
	if err != nil {
		return nil, err
	}
	handler, err := t.handler(own)
	return &opened{tenancy: own, host: host, handler: handler}, err
}

// host is the host name that a client asked for. A proxy of ours says it in X-Forwarded-Host, to which each adds at the end.
func (t *tenants) host(r *http.Request) string {
	forwarded := r.Header.Values("X-Forwarded-Host")
	if len(forwarded) == 0 || !t.trusted(r.RemoteAddr) {
		return r.Host
	}
	last := forwarded[len(forwarded)-1]
	return last[strings.LastIndexByte(last, ',')+1:]
}

func (t *tenants) trusted(remote string) bool {
	from, err := netip.ParseAddrPort(remote)
	return err == nil && slices.ContainsFunc(t.proxies, func(p netip.Prefix) bool { return p.Contains(from.Addr().Unmap()) })
}

// observe passes this process's own events to the tenants they are of. What these ask is told before.
func (t *tenants) observe(events []eventstore.Event) {
	for _, shared := range t.domain.remembered() {
		shared.Observe(events)
	}
	for len(events) > 0 {
		name, n := events[0].Stream.Tenant, 1
		for n < len(events) && events[n].Stream.Tenant == name {
			n++
		}
		if o := t.get(name); o != nil {
			o.access.Observe(events[:n])
		}
		events = events[n:]
	}
}

// follower passes what other processes change to the tenants it is of, and takes over which tenants there are.
func (t *tenants) follower(store *eventstore.Store) *command.Follower {
	return &command.Follower{
		Store: store, After: store.HighWater(), Kinds: append(access.Kinds(), accesstoken.Kind, tenant.Kind, policy.Kind),
		Changed: t.changed, Lost: t.lost,
	}
}

func (t *tenants) changed(ctx context.Context, streams []eventstore.StreamID) error {
	for _, shared := range t.domain.remembered() {
		shared.Changed(streams)
	}
	reload := false
	for i := range streams {
		if streams[i].Tenant == tenant.Installation {
			reload = true
		} else if o := t.get(streams[i].Tenant); o != nil {
			o.access.Changed(streams[i : i+1])
			o.tokens.Changed(streams[i : i+1])
		}
	}
	if !reload {
		return nil
	}
	return t.load(ctx)
}

func (t *tenants) lost() {
	for _, shared := range t.domain.remembered() {
		shared.Lost()
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, o := range t.opened {
		o.access.Lost()
		o.tokens.Lost()
	}
}
