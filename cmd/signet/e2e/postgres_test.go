package e2e_test

import (
	"errors"
	"syscall"
	"testing"

	"golang.org/x/time/rate"

	"github.com/signet-iam/signet/eventstore/storetest"
)

// The database goes away under load and comes back, in order or not. The process recovers by itself, callers see nothing
// but `unavailable`, and nothing that was acknowledged is lost.
func TestPostgresGoesAwayUnderLoad(t *testing.T) {
	t.Parallel()
	t.Run("private", func(t *testing.T) {
		t.Parallel()
		n := start(t, settings{})
		survive(t, n, func() { n.endPostgres(syscall.SIGINT) }, func() { n.endPostgres(syscall.SIGKILL) })
	})
	t.Run("elsewhere", func(t *testing.T) {
		t.Parallel()
		cluster := storetest.NewCluster(t)
		n := start(t, settings{args: []string{"--database-url", cluster.DSN()}})
		survive(t, n, cluster.Restart, cluster.Kill)
	})
}

func survive(t *testing.T, n *server, disturbances ...func()) {
	pid := n.process.cmd.Process.Pid
	l := newLoad(t, n.admin(), rate.Inf, onlyUnavailable)
	for range numbers().databaseKills {
		for _, disturb := range disturbances {
			l.await(numbers().acknowledged)
			disturb()
			l.await(numbers().acknowledged) // without any help
			n.await("/readyz")
		}
	}
	l.drain()
	if n.process.cmd.Process.Pid != pid {
		t.Error("the process is another one")
	}
	l.checkAll()
	l.checkMail()
	n.verify("users")
	t.Logf("%d writes acknowledged, %d refused as unavailable", l.acknowledged.Load(), l.refused.Load())
	if l.refused.Load() == 0 {
		t.Error("nobody noticed: this proves nothing")
	}
}

// endPostgres sends a signal to the private Postgres and waits until that process is gone. The server starts another.
func (n *server) endPostgres(signal syscall.Signal) {
	n.t.Helper()
	var pid int
	eventually(n.t, "a Postgres", func() error {
		if pid = n.postmaster(); pid == 0 { // to which a signal would go to this test's own group
			return errors.New("none yet")
		}
		return nil
	})
	if err := syscall.Kill(pid, signal); err != nil {
		n.t.Fatalf("signal %s to Postgres %d: %v", signal, pid, err)
	}
	awaitGone(n.t, pid)
	eventually(n.t, "another Postgres", func() error {
		if now := n.postmaster(); now == 0 || now == pid {
			return errors.New("none yet")
		}
		return nil
	})
}
