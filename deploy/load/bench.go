package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// warmUp is how long a case runs before it is measured: connections get their prepared statements, caches fill.
const warmUp = time.Second

// bench is one run of this program.
type bench struct {
	options
	progress io.Writer
	report   *report

	work   string // directory of everything below
	binary string
	people population

	signet   *node
	base     *database // of the signet process
	idle     memory    // of the signet process
	peak     memory    // the same, over all cases
	loaded   bool      // some case has put load on it
	enlisted bool      // those who sign in are there
	issued   atomic.Int64
}

// benchCase is a group of measurements that are chosen together.
type benchCase struct {
	name string
	run  func(*bench, context.Context) error
}

// benchCases come in the order they run in. The last needs a server with other settings.
func benchCases() []benchCase {
	return []benchCase{
		{"start", (*bench).starting},
		{"get", (*bench).getting},
		{"email", (*bench).finding},
		{"page", (*bench).paging},
		{"rebuild", (*bench).rebuilding},
		{"add", (*bench).adding},
		{"credentials", (*bench).registering},
		{"consistency", (*bench).consistency},
		{"memory", (*bench).remembering},
		{"signin", (*bench).signingIn},
		{"hashing", (*bench).hashing},
		{"storm", (*bench).storming},
		{"append", (*bench).appending},
		{"account", (*bench).account},
		{"organizations", (*bench).organizing},
		{"statements", (*bench).counting},
	}
}

func caseNames() []string {
	var names []string
	for _, c := range benchCases() {
		names = append(names, c.name)
	}
	return names
}

func newBench(ctx context.Context, o options, progress io.Writer) (*bench, error) {
	work, err := os.MkdirTemp(o.dir, "signet-load-")
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, progress: progress, work: work, binary: filepath.Join(work, "signet")}
	b.report = newReport(o, describeMachine())
	if err := build(ctx, b.binary); err != nil {
		return nil, errors.Join(err, os.RemoveAll(work))
	}
	return b, nil
}

// say tells whoever waits how far things are.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}

// run measures the chosen cases. The report holds what was measured even when it fails.
func (b *bench) run(ctx context.Context) error {
	chosen := 0
	for _, c := range benchCases() {
		if !b.cases.MatchString(c.name) {
			b.report.leftOut = append(b.report.leftOut, c.name)
			continue
		}
		if chosen++; c.name != "start" && b.signet == nil {
			if err := b.prepare(ctx); err != nil {
				return fmt.Errorf("preparation: %w", err)
			}
		}
		b.say("%s", c.name)
		if err := c.run(b, ctx); err != nil {
			b.report.failed = c.name
			return fmt.Errorf("case %s: %w", c.name, err)
		}
	}
	if chosen == 0 {
		return fmt.Errorf("-cases matches none of %v", caseNames())
	}
	return nil
}

// prepare fills a server with people and starts it again, as one that has been in use.
func (b *bench) prepare(ctx context.Context) error {
	if err := b.boot(ctx); err != nil {
		return err
	}
	version, err := b.base.version(ctx)
	if err != nil {
		return err
	}
	b.report.head += " PostgreSQL " + version + "."
	if err := b.populate(ctx); err != nil {
		return fmt.Errorf("add people: %w", err)
	}
	// pgbench needs more connections than the default leaves.
	if err := b.base.exec(ctx, "alter system set max_connections = 300", "vacuum analyze", "checkpoint"); err != nil {
		return err
	}
	if err := b.reboot(ctx); err != nil {
		return err
	}
	name := fmt.Sprintf("start to ready, again, %s users", thousands(b.users))
	b.report.add(startRow(name, []time.Duration{b.signet.ready}, 1500*time.Millisecond))
	return b.measureIdle(ctx)
}

// boot starts the server that all cases share.
func (b *bench) boot(ctx context.Context) error {
	var err error
	b.signet, err = startNode(ctx, nodeConfig{binary: b.binary, dir: filepath.Join(b.work, "data")})
	if err != nil {
		return err
	}
	b.base, err = attach(ctx, b.signet.dir)
	return err
}

func (b *bench) reboot(ctx context.Context) error {
	b.base.close()
	if err := b.signet.stop(); err != nil {
		return err
	}
	return b.boot(ctx)
}

// close ends the server and removes what is not wanted any more.
func (b *bench) close(failed bool) error {
	var err error
	if b.base != nil {
		b.base.close()
	}
	if b.signet != nil {
		err = b.signet.stop()
	}
	if b.keep || failed {
		b.say("data and logs are in %s", b.work)
		return err
	}
	return errors.Join(err, os.RemoveAll(b.work))
}

// measurement is what a driven case came to.
type measurement struct {
	tally
	signet, postgres time.Duration // processor time
	peak             memory        // of the signet process, warming up included
}

// measure drives operations against the shared server for the length of a measurement, after warming up.
func (b *bench) measure(ctx context.Context, op operation) (measurement, error) {
	return b.measureWith(ctx, b.connections, op)
}

// measureWith is measure with another number of connections.
func (b *bench) measureWith(ctx context.Context, connections int, op operation) (measurement, error) {
	crew, err := assemble(ctx, connections, b.signet)
	if err != nil {
		return measurement{}, err
	}
	defer crew.close()
	watch := b.signet.watch()
	if _, err := crew.run(ctx, plan{duration: warmUp}, op); err != nil {
		return measurement{}, err
	}
	if err := b.base.settle(ctx); err != nil {
		return measurement{}, err
	}
	before, err := b.used()
	if err != nil {
		return measurement{}, err
	}
	m := measurement{}
	if m.tally, err = crew.run(ctx, plan{duration: b.duration}, op); err != nil {
		return m, err
	}
	if err := b.base.settle(ctx); err != nil {
		return m, err
	}
	after, err := b.used()
	if err != nil {
		return m, err
	}
	m.signet, m.postgres = after.signet-before.signet, after.postgres-before.postgres
	m.peak, err = b.remember(watch)
	return m, err
}

// crew opens connections to the shared server.
func (b *bench) crew(ctx context.Context) (*crew, error) {
	return assemble(ctx, b.connections, b.signet)
}

// remember ends a watch and takes its peak into that of the run.
func (b *bench) remember(w *watch) (memory, error) {
	peak, err := w.end()
	b.peak = b.peak.max(peak)
	b.loaded = true
	return peak, err
}

// usage is the processor time used so far.
type usage struct{ signet, postgres time.Duration }

func (b *bench) used() (usage, error) {
	signet, err := processTime(b.signet.pid())
	if err != nil {
		return usage{}, err
	}
	postgres, err := b.base.processTime()
	return usage{signet, postgres}, err
}
