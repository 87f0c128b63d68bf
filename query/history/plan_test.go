package history_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/history"
)

// crowd writes a user with n events, caused by fifty others, beside as many users with one event each.
func (d *database) crowd(t testing.TB, n int) {
	t.Helper()
	const event = `
insert into eventstore.events (position, id, tenant, stream_kind, stream_id, version, type, revision, payload, subject, actor, correlation, recorded_at)
select `
	for _, sql := range []string{
		fmt.Sprintf(event+`i, gen_random_uuid(), 'default', 'user', 'long', i, case i when 1 then 'user.human.added' else 'user.metadata.set' end,
       1, '', '', 'u' || i %% 50, '', now() from generate_series(1, %d) i`, n),
		fmt.Sprintf(event+`%[1]d + 1 + i, gen_random_uuid(), 'default', 'user', 'u' || i, 1, 'user.human.added', 1, '', '', 'system', '', now()
  from generate_series(0, %[1]d - 1) i`, n),
		fmt.Sprintf(`
insert into projection.users_1
select 'default', id, 'o1', version, position, 1, 1, id, '', '', '', 'D ' || id, 'en', 0, '', true, '', false, false, false, null,
       null, '', '', false, false, now(), now(), id, '', '', '', '', ''
  from (select 'long' as id, %[1]d as version, %[1]d as position union all select 'u' || i, 1, %[1]d + 1 + i from generate_series(0, %[1]d - 1) i) of`, n),
		"insert into eventstore.streams select tenant, 'user', id, organization_id, version from projection.users_1",
		"update eventstore.checkpoints set position = (select max(position) from eventstore.events) where name = 'users'",
		"vacuum analyze projection.users_1", "vacuum analyze eventstore.streams", "vacuum analyze eventstore.events",
	} {
		if _, err := d.pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// plan returns the plan of a page as it was run, planned with the values or without knowing them.
func (d *database) plan(t *testing.T, mode string, r history.Request) string {
	t.Helper()
	conn, err := d.pool.Acquire(t.Context())
	must(t, err)
	defer conn.Release()
	sql, beyond := r.Statement(int(r.Limit))
	_, err = conn.Exec(t.Context(), fmt.Sprintf("set plan_cache_mode = %s; prepare looked_at (text, text, bigint) as %s", mode, sql), pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	explain := fmt.Sprintf("explain (analyze, timing off, summary off) execute looked_at ('default', 'long', %d)", beyond)
	rows, err := conn.Query(t.Context(), explain, pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	_, err = conn.Exec(t.Context(), "deallocate looked_at; reset plan_cache_mode", pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	return strings.Join(lines, "\n")
}

// Any page of a long history reads so many events as it shows, from the index on streams and versions.
func TestPlansReadThePageOnly(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.crowd(t, 10_000)
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for name, r := range map[string]history.Request{
			"first":            {Limit: 100},
			"oldest":           {Limit: 100, Ascending: true},
			"in the middle":    {Limit: 100, Beyond: 5000},
			"in the middle up": {Limit: 100, Beyond: 5000, Ascending: true},
			"last":             {Limit: 100, Beyond: 101},
			"last up":          {Limit: 100, Beyond: 9900, Ascending: true},
			"largest":          {Limit: 1000, Beyond: 9000},
		} {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				plan := d.plan(t, mode, r)
				if !strings.Contains(plan, "events_stream_id_stream_kind_tenant_version_key") || strings.Contains(plan, "Seq Scan on events") ||
					strings.Contains(plan, "Seq Scan on users_1") || !strings.Contains(plan, "users_1_pkey") {
					t.Errorf("not by the indexes:\n%s", plan)
				}
				pages := 0
				for _, line := range strings.Split(plan, "\n") {
					var rows float64
					if _, actual, counted := strings.Cut(line, "actual rows="); counted && strings.Contains(line, "on events l") {
						pages++
						_, err := fmt.Sscanf(actual, "%g", &rows)
						must(t, err)
					}
					if rows > float64(query.SizeClass(int(r.Limit))) || strings.Contains(line, "Rows Removed") {
						t.Errorf("more is read than shown: %s", line)
					}
				}
				if pages != 1 {
					t.Errorf("%d scans of the log for a page:\n%s", pages, plan)
				}
			})
		}
	}
}

// BenchmarkOwn reads pages of a hundred out of 10,000 events, wherever they are.
func BenchmarkOwn(b *testing.B) {
	d := newDatabase(b)
	d.crowd(b, 10_000)
	for name, beyond := range map[string]uint64{"first": 0, "middle": 5000, "last": 101} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				list, err := d.queries.Own(b.Context(), viewer("long"), history.Request{Beyond: beyond})
				if err != nil || len(list.Changes) != query.DefaultLimit {
					b.Fatal(len(list.Changes), err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}
