package commandtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// Memory is what a process remembers of the log.
type Memory interface {
	Changed(streams []eventstore.StreamID)
	Lost()
}

// Follower returns what tells a memory which streams of some kinds other nodes change.
func (n *Node) Follower(m Memory, kinds ...string) *command.Follower {
	return &command.Follower{
		Store: n.Store, After: n.Store.HighWater(), Kinds: kinds, Lost: m.Lost,
		Changed: func(_ context.Context, streams []eventstore.StreamID) error {
			m.Changed(streams)
			return nil
		},
	}
}

// Follow runs a follower until the test ends.
func (n *Node) Follow(t testing.TB, m Memory, kinds ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	follower := n.Follower(m, kinds...)
	go func() { done <- follower.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("follower: %v", err)
		}
	})
}

// Soon waits until the node has heard of something that another one did.
func (n *Node) Soon(t testing.TB, heard func() bool) {
	t.Helper()
	for tries := 0; !heard(); tries++ {
		if tries > 10_000 {
			t.Fatal("the other node has not heard of it")
		}
		next, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, _ = n.Store.AwaitHighWater(next, n.Store.HighWater())
		cancel()
	}
}
