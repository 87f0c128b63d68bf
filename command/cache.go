package command

import (
	"fmt"

	"github.com/maypok86/otter/v2"

	"github.com/signet-iam/signet/eventstore"
)

// cache holds snapshots of streams. It does not know of what state they are: the compiler would make all of otter anew for each of
// two dozen aggregates, in every package that builds their executors.
type cache struct {
	snapshots *otter.Cache[key, any]
}

type key struct {
	tenant, id string
}

func newCache(kind string, size int) (*cache, error) {
	snapshots, err := otter.New(&otter.Options[key, any]{MaximumSize: size})
	if err != nil {
		return nil, fmt.Errorf("command: cache of %s: %w", kind, err)
	}
	return &cache{snapshots}, nil
}

func (c *cache) get(stream *eventstore.StreamID) (any, bool) {
	return c.snapshots.GetIfPresent(key{stream.Tenant, stream.ID})
}

func (c *cache) put(stream *eventstore.StreamID, snapshot any) {
	c.snapshots.Set(key{stream.Tenant, stream.ID}, snapshot)
}

func (c *cache) forget(stream *eventstore.StreamID) {
	c.snapshots.Invalidate(key{stream.Tenant, stream.ID})
}
