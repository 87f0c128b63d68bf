package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const rebuilds = 3

// rebuilt is one run of the rebuild command.
type rebuilt struct {
	took     time.Duration
	used     time.Duration // processor time of the command itself
	lastLine string
}

// rebuilding rebuilds the users from the log by the command, beside the running server.
func (b *bench) rebuilding(ctx context.Context) error {
	events, types, err := b.base.userEvents(ctx)
	if err != nil {
		return err
	}
	watch := b.signet.watch()
	before, err := b.used()
	if err != nil {
		return err
	}
	var runs []rebuilt
	var used time.Duration
	for range rebuilds {
		r, err := b.rebuild(ctx)
		if err != nil {
			return err
		}
		runs, used = append(runs, r), used+r.used
	}
	after, err := b.used()
	if err != nil {
		return err
	}
	slices.SortFunc(runs, func(x, y rebuilt) int { return int(x.took - y.took) })
	median := runs[len(runs)/2]
	done := rebuilds * events
	const least = 60_000
	rate := float64(events) / median.took.Seconds()
	b.report.add(row{
		name: "rebuild of `users`, whole command", rate: rate, unit: "events", p50: median.took, p99: runs[len(runs)-1].took,
		signet:   (used + after.signet - before.signet) / time.Duration(done),
		postgres: (after.postgres - before.postgres) / time.Duration(done),
		goals:    []goal{{target: "≥ 60,000 events/s", reached: rate >= least, figure: perSecond(rate)}},
	})
	b.report.note("Rebuild: %d events (%s). The median run said: %q.", events, mix(types), median.lastLine)
	_, err = b.remember(watch)
	return err
}

func (b *bench) rebuild(ctx context.Context) (rebuilt, error) {
	cmd := exec.CommandContext(ctx, b.binary, "projection", "rebuild", "users", "--data-dir", b.signet.dir)
	var out, failure bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &failure
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return rebuilt{}, fmt.Errorf("projection rebuild: %w: %s", err, failure.String())
	}
	r := rebuilt{took: time.Since(began), used: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	lines := strings.FieldsFunc(out.String()+"\n"+failure.String(), func(c rune) bool { return c == '\n' || c == '\r' })
	if len(lines) == 0 {
		return r, errors.New("projection rebuild said nothing")
	}
	r.lastLine = strings.TrimSpace(lines[len(lines)-1])
	return r, nil
}

func mix(types []eventCount) string {
	parts := make([]string, len(types))
	for i, t := range types {
		parts[i] = fmt.Sprintf("%d %s", t.count, t.name)
	}
	return strings.Join(parts, ", ")
}
