package accesstoken

import (
	"context"
	"time"
)

// Await is what Maintain does between rotations.
func (s *Service) Await(ctx context.Context, wait time.Duration) error { return s.await(ctx, wait) }
