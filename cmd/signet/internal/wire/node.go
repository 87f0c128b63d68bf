package wire

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"buf.build/go/protovalidate"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/tenant"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/projection"
)

// Node is a running process of Signet.
type Node struct {
	*Core
	cfg       config.Server
	metrics   *prometheus.Registry
	validator protovalidate.Validator
	nats      *nats.Conn
	tenants   atomic.Pointer[tenants] // nil until the log is open
	removed   chan struct{}           // wakes clear

	stop       context.CancelFunc
	background sync.WaitGroup
	server     *server
}

// shutdownPatience bounds how long requests under way may take once the node was told to stop.
const shutdownPatience = 10 * time.Second

// Start brings a node up: when it returns, the port answers.
func Start(ctx context.Context, db config.Database, cfg config.Server, log zerolog.Logger) (*Node, error) {
	n := &Node{cfg: cfg, metrics: prometheus.NewRegistry(), removed: make(chan struct{}, 1)}
	n.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := n.start(ctx, db, log); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

func (n *Node) start(ctx context.Context, db config.Database, log zerolog.Logger) error {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	n.stop = stop
	listener, err := listen(ctx, n.cfg.Listen) // first: a taken port is found before anything is started
	if err != nil {
		return err
	}
	n.server = &server{listener: listener}
	n.cfg.Listen = listener.Addr().String() // with the port that was free, where any would do
	if n.Core, err = OpenCore(ctx, db, log, Mode{Owner: true, Observers: []func([]eventstore.Event){n.observe}}); err != nil {
		return err
	}
	shared, err := n.newDomain(&n.cfg, newRoom(password.Parallel()).busy)
	if err != nil {
		return err
	}
	tenants, err := n.openTenants(ctx, run, shared)
	if err != nil {
		return err
	}
	if err := tenants.get(tenant.Default).bootstrap(ctx, db, log); err != nil {
		return err
	}
	if err := n.startBackground(run, db, tenants); err != nil {
		return err
	}
	n.server.serve(n.port(tenants), log)
	return nil
}

// openTenants finds the tenants and opens the one that is always there: what is wrong with the settings is wrong for it.
func (n *Node) openTenants(ctx, run context.Context, shared *domain) (t *tenants, err error) {
	if n.validator, err = protovalidate.New(); err != nil {
		return nil, err
	}
	if t, err = n.newTenants(shared, func(work func(context.Context)) context.CancelFunc {
		ctx, end := context.WithCancel(run)
		n.background.Go(func() { work(ctx) })
		return end
	}); err != nil {
		return nil, err
	}
	follower := t.follower(n.Store)
	if err := t.load(ctx); err != nil {
		return nil, err
	}
	if _, err := t.open(tenant.Default); err != nil {
		return nil, err
	}
	n.tenants.Store(t)
	n.background.Go(func() { _ = follower.Run(run) })
	return t, nil
}

// observe passes this process's own events to whom they concern.
func (n *Node) observe(events []eventstore.Event) {
	if t := n.tenants.Load(); t != nil {
		t.observe(events)
	}
	noteRemovals(events, n.removed)
}

// startBackground starts what follows the log.
func (n *Node) startBackground(ctx context.Context, db config.Database, t *tenants) error {
	n.background.Go(func() { _ = t.domain.uses.Run(ctx) })
	n.background.Go(func() { n.sweep(ctx) })
	clearing := organization.NewClearing(n.Runtime(), t.get(tenant.Default).users) // they are the same of all tenants
	n.background.Go(func() { n.clear(ctx, clearing, t) })
	if n.cfg.Has(config.RoleProjector) {
		runner := projection.NewRunner(n.projectionLog(), projection.Options{Logger: n.log}, models(n.Codec)...)
		n.background.Go(func() { runner.Run(ctx) })
	}
	if err := n.metrics.Register(newProjectionMetrics(n.Operator())); err != nil {
		return err
	}
	if !n.cfg.Has(config.RoleNotifier) {
		return nil
	}
	if err := n.connectNATS(ctx, db); err != nil {
		return err
	}
	notifier, err := n.newNotifier()
	if err != nil {
		return err
	}
	n.background.Go(func() { _ = notifier.Run(ctx) })
	return nil
}

func (n *Node) newNotifier() (*notification.Notifier, error) {
	templates, providers, err := n.channels()
	if err != nil {
		return nil, err
	}
	metrics, err := notification.NewMetrics(n.metrics)
	if err != nil {
		return nil, err
	}
	return notification.New(notification.Config{
		Store: n.Store, Codec: n.Codec, Vault: n.Vault, Pool: n.Pool, NATS: n.nats,
		Templates: templates, Providers: providers, Metrics: metrics, Logger: n.log,
	})
}

// Address is where the node serves.
func (n *Node) Address() string { return n.server.listener.Addr().String() }

// Wait returns nil when ctx ends, and an error when the port or the private database ends by itself.
func (n *Node) Wait(ctx context.Context) error {
	var ended <-chan struct{}
	if n.Core.server != nil {
		ended = n.Core.server.Done()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-n.server.failed:
		return err
	case <-ended:
		return n.Core.server.Err()
	}
}

// Ready waits until the node answers for everything: schema migrated, read models caught up, NATS reached.
func (n *Node) Ready(ctx context.Context) error {
	for {
		err := n.ready(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// ready reports what is missing.
func (n *Node) ready(ctx context.Context) error {
	if _, err := n.Store.Head(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if err := n.Operator().Ready(ctx); err != nil {
		return err
	}
	if n.nats != nil && !n.nats.IsConnected() {
		return fmt.Errorf("nats: %s", n.nats.Status())
	}
	return nil
}

// Close stops serving, lets requests under way finish, and then stops everything else.
func (n *Node) Close() {
	if n.server != nil {
		n.server.close()
	}
	n.stop()
	n.background.Wait()
	if n.nats != nil {
		n.nats.Close()
	}
	if n.Core != nil {
		n.Core.Close()
	}
}
