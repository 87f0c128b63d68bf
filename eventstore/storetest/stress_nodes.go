package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// Nodes measures how long what one node has appended stays hidden from the readers of another. It must be told by a
// notification: the poll behind it alone would take 50 ms in the middle and 100 at worst. Give it the machine for itself; what
// keeps that busy all the same for a moment is measured around.
func Nodes(t *testing.T, open Opener) {
	const (
		tries  = 3
		most   = 60 * time.Millisecond
		median = 30 * time.Millisecond
	)
	here, there := newPair(t, open)
	untilListening(t, here, there)
	for try := range tries {
		p50, p99 := lag(t, here, there, fmt.Sprint("try ", try))
		t.Logf("lag from one node's append to another's reader: p50 %v, p99 %v", p50, p99)
		if p50 <= median && p99 <= most {
			return
		}
	}
	t.Errorf("want a lag of at most %v in the middle, and %v", median, most)
}

func lag(t testing.TB, here, there *node, stream string) (p50, p99 time.Duration) {
	t.Helper()
	const samples = 100
	lags := make([]time.Duration, samples)
	for i := range lags {
		receipt := here.append(t, here.change(fmt.Sprint(stream, " ", i), 0, 1))
		start := time.Now()
		if _, err := there.AwaitHighWater(soon(t), receipt.Position-1); err != nil {
			t.Fatal(err)
		}
		lags[i] = time.Since(start)
	}
	slices.Sort(lags)
	return lags[samples/2], lags[samples*99/100-1]
}

// untilListening waits until notifications of one node reach the other.
func untilListening(t testing.TB, here, there *node) {
	t.Helper()
	const position eventstore.Position = 1
	untilWoken(t, here, "are you there", position, waiters(t, there, "are you there", position))
}
