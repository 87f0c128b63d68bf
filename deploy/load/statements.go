package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// countedRequests is how many requests statements are counted over. The server's own statements in that time, a few in each
// tenth of a second, count as well.
const countedRequests = 2000

const (
	sqlOffered = `select count(*) from pg_available_extensions where name = 'pg_stat_statements'`
	sqlCalls   = `
select coalesce(sum(s.calls), 0)
  from pg_stat_statements s
  join pg_database d on d.oid = s.dbid
 where d.datname = 'signet' and s.toplevel and s.query !~ 'pg_stat_statements'`
)

// counting counts the statements that a request costs. It runs on a server of its own start, because the counting module
// has to be loaded by then and would cost the other cases time.
func (b *bench) counting(ctx context.Context) error {
	var offered int
	if err := b.base.pool.QueryRow(ctx, sqlOffered).Scan(&offered); err != nil {
		return err
	}
	if offered == 0 {
		return errors.New("this PostgreSQL comes without pg_stat_statements")
	}
	if err := b.base.exec(ctx, "create extension if not exists pg_stat_statements",
		"alter system set shared_preload_libraries = 'pg_stat_statements'"); err != nil {
		return err
	}
	if err := b.reboot(ctx); err != nil {
		return err
	}
	for _, r := range []struct {
		name  string
		op    operation
		goals []float64
	}{
		{"GetUserByID", b.getOne, []float64{1}},
		{"ListUsers by email", b.findOne, nil},
		{"ListUsers, a page", b.listPage, nil},
		{"AddHumanUser", b.addOne, nil},
	} {
		if err := b.countStatements(ctx, r.name, r.op, r.goals); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

func (b *bench) countStatements(ctx context.Context, name string, op operation, goals []float64) error {
	crew, err := b.crew(ctx)
	if err != nil {
		return err
	}
	defer crew.close()
	if _, err := crew.run(ctx, plan{duration: warmUp}, op); err != nil {
		return err
	}
	if err := b.base.settle(ctx); err != nil {
		return err
	}
	if err := b.base.exec(ctx, "select pg_stat_statements_reset()"); err != nil {
		return err
	}
	began := time.Now()
	if _, err := crew.run(ctx, plan{count: countedRequests}, op); err != nil {
		return err
	}
	var calls float64
	if err := b.base.pool.QueryRow(ctx, sqlCalls).Scan(&calls); err != nil {
		return err
	}
	each := calls / countedRequests
	r := row{name: "statements of " + name, figure: fmt.Sprintf("%.2f a request (%.0f in %v)", each, calls, time.Since(began).Round(time.Millisecond))}
	for _, limit := range goals {
		// The server's own statements may add up to a twentieth.
		r.goals = append(r.goals, goal{target: fmt.Sprintf("%.0f", limit), reached: each < limit*1.05, figure: fmt.Sprintf("%.2f", each)})
	}
	b.report.add(r)
	return nil
}
