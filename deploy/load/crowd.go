package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// hinted is how long a caller waits whom the server told to come back.
const hinted = time.Second

// crowd is what became of those who were at work beside a measurement.
type crowd struct {
	served  atomic.Int64
	refused atomic.Int64 // told to come back later
}

// beside measures an operation while a crowd of this size repeats an errand.
func (b *bench) beside(ctx context.Context, size int, errand, op operation) (measurement, *crowd, error) {
	crew, err := assemble(ctx, size, b.signet)
	if err != nil {
		return measurement{}, nil, err
	}
	defer crew.close()
	storm, calm := context.WithCancel(ctx)
	defer calm()
	c := &crowd{}
	ended := make(chan error, 1)
	go func() {
		_, err := crew.run(storm, plan{}, c.patient(storm, errand))
		ended <- err
	}()
	m, err := b.measure(ctx, op)
	calm()
	if stormed := <-ended; stormed != nil && !errors.Is(stormed, context.Canceled) {
		err = errors.Join(err, stormed)
	}
	return m, c, err
}

// patient counts errands, and does as it is told when there are too many.
func (c *crowd) patient(ctx context.Context, errand operation) operation {
	return func(w *worker, n int) error {
		err := errand(w, n)
		var refusal *callError
		if !errors.As(err, &refusal) || refusal.Code != "resource_exhausted" {
			if err == nil {
				c.served.Add(1)
			}
			return err
		}
		c.refused.Add(1)
		select {
		case <-time.After(hinted):
		case <-ctx.Done():
		}
		return nil
	}
}
