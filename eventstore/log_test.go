package eventstore_test

import (
	"testing"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, eventstore.Open)
}

func TestStress(t *testing.T) {
	t.Parallel()
	storetest.Stress(t, eventstore.Open)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	storetest.Faults(t, eventstore.Open)
}

// Not parallel: it measures time.
func TestNodes(t *testing.T) { storetest.Nodes(t, eventstore.Open) }
