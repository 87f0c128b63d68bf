package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

const (
	firstStarts = 3
	laterStarts = 3 // after each first one
)

// starting starts servers in directories that are new, and again in the same.
func (b *bench) starting(ctx context.Context) error {
	var first, again []time.Duration
	for i := range firstStarts {
		c := nodeConfig{binary: b.binary, dir: filepath.Join(b.work, fmt.Sprintf("start-%d", i))}
		for j := range 1 + laterStarts {
			n, err := startNode(ctx, c)
			if err != nil {
				return err
			}
			if err := n.stop(); err != nil {
				return err
			}
			if j == 0 {
				first = append(first, n.ready)
			} else {
				again = append(again, n.ready)
			}
		}
	}
	b.report.add(startRow("start to ready, first time", first, 4*time.Second))
	b.report.add(startRow("start to ready, again", again, 1500*time.Millisecond))
	return nil
}

func startRow(name string, took []time.Duration, limit time.Duration) row {
	slices.Sort(took)
	longest := took[len(took)-1]
	return row{
		name: name, figure: fmt.Sprintf("of %d", len(took)), p50: took[len(took)/2], p99: longest,
		goals: []goal{{target: "< " + seconds(limit), reached: longest < limit, figure: "longest " + seconds(longest)}},
	}
}
