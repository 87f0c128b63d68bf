package e2e_test

import (
	"testing"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/time/rate"
)

// The process is killed under load, again and again. What was acknowledged is there, the read model is what the log says,
// and every code that was asked for has arrived once.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	l := newLoad(t, n.admin(), rate.Inf, func(err error) bool {
		// Nobody answers, or the answer breaks off. What a living server refuses is another matter.
		return !connect.IsWireError(err) || connect.CodeOf(err) == connect.CodeUnavailable
	})
	for range numbers().kills {
		l.await(numbers().acknowledged)
		n.kill()
		began := time.Now()
		n.restart()
		t.Logf("ready again after %s", time.Since(began).Round(time.Millisecond))
	}
	l.await(1)
	l.drain()
	l.checkAll()
	l.checkMail()
	n.verify("users")
	t.Logf("%d writes acknowledged, %d not, %d people", l.acknowledged.Load(), l.refused.Load(), len(l.known()))
}
