package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// crew is a number of workers, each with a connection to every node.
type crew struct {
	workers []*worker
}

// worker is one connection's worth of load.
type worker struct {
	nodes  []*connection
	random *rand.Rand
	number int
}

// operation is what a worker repeats. n counts the operations of the whole crew from 0.
type operation func(w *worker, n int) error

// plan says when a crew stops: after a time, or after a number of operations.
type plan struct {
	duration time.Duration
	count    int
}

// tally is what a crew has done.
type tally struct {
	operations int
	elapsed    time.Duration
	latencies  []time.Duration // sorted
}

func (t *tally) rate() float64 { return float64(t.operations) / t.elapsed.Seconds() }

// percentile returns the latency that this share of the operations stayed below.
func (t *tally) percentile(share float64) time.Duration {
	if len(t.latencies) == 0 {
		return 0
	}
	return t.latencies[min(int(share*float64(len(t.latencies))), len(t.latencies)-1)]
}

// assemble connects workers to nodes that share the first one's administrator.
func assemble(ctx context.Context, size int, nodes ...*node) (*crew, error) {
	c := &crew{}
	for i := range size {
		w := &worker{number: i, random: newRandom(i)}
		c.workers = append(c.workers, w)
		for _, n := range nodes {
			conn, err := dial(ctx, n.address, nodes[0].token)
			if err != nil {
				c.close()
				return nil, err
			}
			w.nodes = append(w.nodes, conn)
		}
	}
	return c, nil
}

// newRandom returns a generator that repeats itself from run to run.
func newRandom(number int) *rand.Rand {
	return rand.New(rand.NewPCG(1, uint64(number))) //nolint:gosec // load, not secrets
}

func (c *crew) close() {
	for _, w := range c.workers {
		for _, conn := range w.nodes {
			conn.close()
		}
	}
}

// run has every worker repeat op until the plan ends or one of them fails.
func (c *crew) run(caller context.Context, p plan, op operation) (tally, error) {
	ctx, cancel := context.WithCancel(caller)
	defer cancel()
	if p.duration > 0 {
		time.AfterFunc(p.duration, cancel)
	}
	var (
		group  sync.WaitGroup
		next   atomic.Int64
		failed = make([]error, len(c.workers))
		took   = make([][]time.Duration, len(c.workers))
	)
	began := time.Now()
	for i, w := range c.workers {
		group.Go(func() {
			took[i], failed[i] = w.repeat(ctx, &next, p.count, op)
			if failed[i] != nil {
				cancel()
			}
		})
	}
	group.Wait()
	t := tally{elapsed: time.Since(began), latencies: slices.Concat(took...)}
	t.operations = len(t.latencies)
	slices.Sort(t.latencies)
	if err := errors.Join(append(failed, caller.Err())...); err != nil {
		return t, err
	}
	if t.operations == 0 {
		return t, errors.New("nothing was done in time")
	}
	return t, nil
}

func (w *worker) repeat(ctx context.Context, next *atomic.Int64, count int, op operation) ([]time.Duration, error) {
	var took []time.Duration
	for ctx.Err() == nil {
		n := int(next.Add(1) - 1)
		if count > 0 && n >= count {
			break
		}
		began := time.Now()
		if err := op(w, n); err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}
