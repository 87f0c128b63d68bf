package storetest_test

import (
	"testing"

	"github.com/signet-iam/signet/eventstore/storetest"
)

func BenchmarkNewDSN(b *testing.B) {
	storetest.NewDSN(b) // the server and its template
	for b.Loop() {
		storetest.NewDSN(b)
	}
}
