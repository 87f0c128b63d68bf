package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// Nodes measures how long what one node has appended stays hidden from the readers of another. It must be told by a
// notification: the poll behind it alone would take 50 ms in the middle and 100 at worst. Give it the machine for itself.
func Nodes(t *testing.T, open Opener) {
	const (
		samples = 200
		most    = 60 * time.Millisecond
		median  = 30 * time.Millisecond
	)
	here, there := newPair(t, open)
	lags := make([]time.Duration, 0, samples)
	untilListening(t, here, there)
	for i := range samples {
		receipt := here.append(t, here.change(fmt.Sprint("stream ", i), 0, 1))
		start := time.Now()
		if _, err := there.AwaitHighWater(soon(t), receipt.Position-1); err != nil {
			t.Fatal(err)
		}
		lags = append(lags, time.Since(start))
	}
	slices.Sort(lags)
	p50, p99 := lags[samples/2], lags[samples*99/100]
	t.Logf("lag from one node's append to another's reader: p50 %v, p99 %v, longest %v", p50, p99, lags[samples-1])
	if p50 > median || p99 > most {
		t.Errorf("lag p50 %v, p99 %v; want at most %v and %v", p50, p99, median, most)
	}
}

// untilListening waits until notifications of one node reach the other.
func untilListening(t testing.TB, here, there *node) {
	t.Helper()
	const position eventstore.Position = 1
	untilWoken(t, here, "are you there", position, waiters(t, there, "are you there", position))
}
