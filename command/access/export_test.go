package access

import (
	"context"

	"github.com/signet-iam/signet/eventstore"
)

// FollowOnce is one step of Follow.
func (a *Authenticator) FollowOnce(ctx context.Context, after eventstore.Position) (eventstore.Position, error) {
	return a.follow(ctx, after)
}
