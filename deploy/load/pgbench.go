package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// inserts is pgbench with a script that inserts one row.
type inserts struct {
	program string
	dsn     string
	script  string
}

func newInserts(ctx context.Context, base *database, work string) (*inserts, error) {
	program, err := findProgram("pgbench")
	if err != nil {
		return nil, err
	}
	dsn, err := base.create(ctx, "pgbench")
	if err != nil {
		return nil, err
	}
	p := &inserts{program: program, dsn: dsn, script: filepath.Join(work, "insert.sql")}
	const table = "create table log (position bigint generated always as identity primary key, payload bytea not null)"
	if out, err := p.sql(ctx, work, table); err != nil {
		return nil, fmt.Errorf("create pgbench's table: %w: %s", err, out)
	}
	insert := fmt.Sprintf("insert into log (payload) values (decode(repeat('00', %d), 'hex'));\n", payloadSize)
	return p, os.WriteFile(p.script, []byte(insert), 0o600)
}

// findProgram looks for a program of PostgreSQL where packagers put it, the newest first.
func findProgram(name string) (string, error) {
	dirs := []string{os.Getenv("SIGNET_POSTGRES_BIN")}
	installed, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Reverse(installed)
	for _, dir := range append(dirs, installed...) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no %s found on this machine; name the directory it is in in SIGNET_POSTGRES_BIN", name)
}

// sql runs a statement once, as a script of one transaction.
func (p *inserts) sql(ctx context.Context, work, statement string) ([]byte, error) {
	script := filepath.Join(work, "once.sql")
	if err := os.WriteFile(script, []byte(statement+";\n"), 0o600); err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, p.program, "-n", "-t", "1", "-f", script, p.dsn).CombinedOutput()
}

var (
	processed = regexp.MustCompile(`transactions actually processed: (\d+)`)
	tps       = regexp.MustCompile(`tps = ([0-9.]+) \(without`)
)

// run has a number of clients insert rows for a time, and returns how many they were.
func (p *inserts) run(ctx context.Context, clients int, duration time.Duration) (tally, error) {
	length := max(1, int(duration.Round(time.Second).Seconds()))
	cmd := exec.CommandContext(ctx, p.program, "-n", "-M", "prepared", "-j", "2",
		"-c", strconv.Itoa(clients), "-T", strconv.Itoa(length), "-f", p.script, p.dsn)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return tally{}, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	return parseInserts(string(out))
}

// parseInserts reads pgbench's summary. Its rate leaves out the time in which clients connected.
func parseInserts(out string) (tally, error) {
	count, rate := processed.FindStringSubmatch(out), tps.FindStringSubmatch(out)
	if count == nil || rate == nil {
		return tally{}, fmt.Errorf("pgbench said something unknown: %s", out)
	}
	n, err := strconv.Atoi(count[1])
	if err != nil {
		return tally{}, err
	}
	perSecond, err := strconv.ParseFloat(rate[1], 64)
	if err != nil {
		return tally{}, err
	}
	if perSecond <= 0 {
		return tally{}, errors.New("pgbench inserted nothing")
	}
	return tally{operations: n, elapsed: time.Duration(float64(n) / perSecond * float64(time.Second))}, nil
}
