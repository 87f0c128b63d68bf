package access

import (
	"context"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// Follower passes to an authenticator what other nodes change.
func (a *Authenticator) Follower() *command.Follower {
	return &command.Follower{
		Store: a.rt.Store, After: a.rt.Store.HighWater(), Kinds: Kinds(), Lost: a.Lost,
		Changed: func(_ context.Context, streams []eventstore.StreamID) error {
			a.Changed(streams)
			return nil
		},
	}
}
