package accesstoken

import (
	"context"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// Await is what Maintain does between rotations.
func (s *Service) Await(ctx context.Context, seen eventstore.Position, due time.Time) error {
	return s.await(ctx, seen, due)
}
