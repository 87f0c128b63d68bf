package eventstore_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// Nodes that note the same subjects at once, each in an order of its own, do not lock each other out, and the latest use stays.
func TestTheLatestUseStays(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	log, err := eventstore.Open(t.Context(), pool, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	const nodes, subjects = 8, 200
	var all sync.WaitGroup
	for node := range nodes {
		all.Go(func() {
			for round := range 5 {
				var uses []eventstore.Use
				for i := range subjects {
					at := start.Add(time.Duration(round*nodes+node) * time.Second)
					uses = append(uses, eventstore.Use{Tenant: "default", Subject: fmt.Sprint(i), At: at})
				}
				if node%2 > 0 {
					slices.Reverse(uses)
				}
				if err := log.NoteUses(context.Background(), uses); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	var count int
	var first, last time.Time
	err = pool.QueryRow(t.Context(), "select count(*), min(at), max(at) from eventstore.last_used").Scan(&count, &first, &last)
	if want := start.Add((5*nodes - 1) * time.Second); err != nil || count != subjects || !first.Equal(want) || !last.Equal(want) {
		t.Errorf("%d subjects, from %v to %v, want %v, %v", count, first, last, want, err)
	}
	if err := log.NoteUses(t.Context(), nil); err != nil {
		t.Errorf("nothing: %v", err)
	}
}
