package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/time/rate"

	"github.com/signet-iam/signet/eventstore/storetest"
)

// The work is split: one node answers, another one keeps the read models and sends.
func TestRolesAreSplit(t *testing.T) {
	t.Parallel()
	worker := start(t, settings{args: []string{"--roles", "projector,notifier"}})
	front := start(t, settings{env: []string{"SIGNET_ROLES=api"}, args: []string{
		"--database-url", worker.dsn(), "--master-key-file", worker.dir + "/master.keys",
	}})
	tellStory(t, front.client(worker.token()), "split@example.com")
	if err := worker.get("/inbox"); err == nil {
		t.Error("a node without the role api answers like one")
	}
}

// The node that runs the projection and the relay is killed. The other one takes over by itself: what was acknowledged is
// there, and the mail goes out.
func TestAnotherNodeTakesOver(t *testing.T) {
	t.Parallel()
	nats := &jetStream{t: t, dir: t.TempDir(), address: freeAddress(t)}
	nats.start()
	t.Cleanup(nats.stop)
	shared := []string{"--database-url", storetest.NewCluster(t).DSN(), "--nats-url", "nats://" + nats.address}
	a := start(t, settings{args: shared})
	b := start(t, settings{args: append(shared, "--master-key-file", a.dir+"/master.keys")})
	token := a.token()
	onA := newLoad(t, a.client(token), rate.Inf, func(err error) bool { return !connect.IsWireError(err) })
	onA.await(numbers().acknowledged)
	a.kill()
	onA.drain()
	began := time.Now()
	onA.client = b.client(token)
	onA.checkAll()
	t.Logf("everything read on the other node %s after the kill", time.Since(began).Round(time.Millisecond))
	onA.checkMail()
	tellStory(t, onA.client, "survivor@example.com")
	eventually(t, "readiness of the other node", func() error {
		if err := b.get("/readyz"); err != nil {
			return fmt.Errorf("the other node: %w", err)
		}
		return nil
	})
	b.verify("users")
}
