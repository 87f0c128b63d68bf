package storetest

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/signet-iam/signet/eventstore/local"
)

// NATS is a JetStream of one test's own. It may be stopped and started while clients are connected: they reconnect, and
// what was acknowledged is still there.
type NATS struct {
	t   testing.TB
	dir string

	mu     sync.Mutex
	server *local.NATS // nil while stopped
}

// NewNATS starts a server that ends with the test.
func NewNATS(t testing.TB) *NATS {
	t.Helper()
	n := &NATS{t: t, dir: t.TempDir()}
	n.Start()
	t.Cleanup(n.Stop)
	return n
}

// Start starts a stopped server on the streams it had.
func (n *NATS) Start() {
	n.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server != nil {
		return
	}
	server, err := local.StartNATS(n.t.Context(), local.NATSConfig{StoreDir: n.dir})
	if err != nil {
		n.t.Fatalf("test NATS: %v", err)
	}
	n.server = server
}

// Stop cuts every client off.
func (n *NATS) Stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server != nil {
		n.server.Shutdown()
		n.server = nil
	}
}

// Conn connects a client, closed when the test ends. It outlives a stop of the server.
func (n *NATS) Conn(opts ...nats.Option) *nats.Conn {
	n.t.Helper()
	defaults := []nats.Option{nats.InProcessServer(n), nats.MaxReconnects(-1), nats.ReconnectWait(5 * time.Millisecond)}
	conn, err := nats.Connect("", append(defaults, opts...)...)
	if err != nil {
		n.t.Fatalf("connect to test NATS: %v", err)
	}
	n.t.Cleanup(conn.Close)
	return conn
}

var errStopped = errors.New("the test NATS is stopped")

// InProcessConn connects to the server that runs now. It makes a NATS a nats.InProcessConnProvider, which is how the
// subject of a test is handed it.
func (n *NATS) InProcessConn() (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server == nil {
		return nil, errStopped
	}
	return n.server.InProcessConn()
}
