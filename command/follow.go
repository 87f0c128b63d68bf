package command

import (
	"context"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

const followPause = time.Second // after a failure

// Follower passes on what other processes change. One of them can serve all who remember states in memory.
type Follower struct {
	Store *eventstore.Store
	After eventstore.Position // where to begin
	Kinds []string
	// Changed is called with the streams of these kinds that have events behind the last call. When it fails, it is called again.
	Changed func(ctx context.Context, streams []eventstore.StreamID) error
	// Lost is called at the beginning and after each failure: what happened before is unknown until the log can be read again.
	Lost func()
}

// Run follows the log until ctx ends.
func (f *Follower) Run(ctx context.Context) error {
	f.Lost()
	for position := f.After; ; {
		next, err := f.Step(ctx, position)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			position = next
			continue
		}
		f.Lost()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followPause):
		}
	}
}

// Step waits for something behind a position, passes it on, and returns how far that goes.
func (f *Follower) Step(ctx context.Context, after eventstore.Position) (eventstore.Position, error) {
	upTo, err := f.Store.AwaitHighWater(ctx, after)
	if err != nil {
		return after, err
	}
	changed, err := f.Store.ChangedStreams(ctx, eventstore.Batch{After: after, UpTo: upTo, Kinds: f.Kinds})
	if err == nil && len(changed) > 0 {
		err = f.Changed(ctx, changed)
	}
	if err != nil {
		return after, err
	}
	return upTo, nil
}
