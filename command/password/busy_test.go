package password_test

import (
	"crypto/rand"
	"slices"
	"sync"
	"testing"

	"github.com/signet-iam/signet/command/password"
)

func TestBusyWhileThereAreHashes(t *testing.T) {
	t.Parallel()
	var told []bool
	h := password.NewHasher(password.Options{Random: rand.Reader, Parallel: 2, Busy: func(busy bool) { told = append(told, busy) }})
	if _, err := h.Hash(t.Context(), "one after"); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []bool{true, false}) {
		t.Fatalf("one hash: told %v", told)
	}
	var hashing sync.WaitGroup
	for range 8 {
		hashing.Go(func() { _, _ = h.Hash(t.Context(), "the other") })
	}
	hashing.Wait()
	for i, busy := range told {
		if busy != (i%2 == 0) {
			t.Fatalf("told %v", told)
		}
	}
	if told[len(told)-1] {
		t.Error("left busy")
	}
}
