package signin

import (
	"context"
	"errors"
	"time"
)

const (
	// beat is what answers that depend on whether there is a user are rounded up to: they leave at a multiple of it since the
	// request came. What is left of small differences in work is the chance that they lie on two sides of a multiple.
	beat = 25 * time.Millisecond
	// slowBeat is for answers where there is more to do for a user that exists: to record a code.
	slowBeat = 100 * time.Millisecond
)

// level keeps an answer back until the next multiple of every since came.
func (s *Service) level(ctx context.Context, came time.Time, every time.Duration) {
	s.pause(ctx, every-s.rt.Now().Sub(came)%every)
}

// levelRefusal is level for the refusals that stand for many.
func (s *Service) levelRefusal(ctx context.Context, came time.Time, err error) {
	if errors.Is(err, ErrRejected) || errors.Is(err, ErrCode) {
		s.level(ctx, came, beat)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
