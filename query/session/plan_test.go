package session_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/session"
)

// crowd fills the read model with n sessions of a tenth as many users, as plans need them.
func (d *database) crowd(t *testing.T, n int) {
	t.Helper()
	for _, sql := range []string{
		fmt.Sprintf(`
insert into projection.sessions_1
select 'default', 'id' || i, 1, i, case i %% 100 when 0 then 'app' || i %% 700 else '' end, 'user' || i %% %[1]d / 10, 'org' || i %% 50,
       case i %% 3 when 0 then 'f' || i / 3 else '' end, '', '', '{}', false, now() - i * interval '1 second', now()
  from generate_series(1, %[1]d) i`, n),
		"insert into projection.sessions_metadata_1 select tenant, id, 'k', '' from projection.sessions_1 where position % 10 = 0",
		"insert into eventstore.streams select tenant, 'session', id, organization_id, 1 from projection.sessions_1",
		`insert into eventstore.events (position, id, tenant, stream_kind, stream_id, version, type, revision, payload, subject, actor, correlation, recorded_at)
		 select position, gen_random_uuid(), tenant, 'session', id, 1, 'session.added', 1, '', '', 'system', '', created_at from projection.sessions_1`,
		fmt.Sprintf(`
insert into projection.users_1
select 'default', 'user' || i, 'org' || i %% 50, 1, i, 1, 1, 'User' || i, '', '', '', '', 'en', 0, '', true, '', false, false, false, null,
       null, '', '', false, false, now(), now(), 'user' || i, '', '', '', '', ''
  from generate_series(0, %d) i`, n/10),
		"insert into eventstore.streams select tenant, 'user', id, organization_id, 1 from projection.users_1",
		"vacuum analyze projection.sessions_1", "vacuum analyze projection.sessions_metadata_1", "vacuum analyze projection.users_1",
		"vacuum analyze eventstore.streams", "vacuum analyze eventstore.events",
	} {
		if _, err := d.pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// plan returns the plan of a prepared statement, with the values or without knowing them.
func (d *database) plan(t *testing.T, mode, sql string, args []any) string {
	t.Helper()
	conn, err := d.pool.Acquire(t.Context())
	must(t, err)
	defer conn.Release()
	literals := make([]string, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			literals[i] = "'" + a + "'"
		case []string:
			literals[i] = "'{" + strings.Join(a, ",") + "}'"
		case time.Time:
			literals[i] = "'" + a.Format(time.RFC3339) + "'"
		default:
			literals[i] = fmt.Sprint(a)
		}
	}
	for _, s := range []string{"set plan_cache_mode = " + mode, "prepare looked_at as " + sql} {
		if _, err := conn.Exec(t.Context(), s, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	rows, err := conn.Query(t.Context(), "explain execute looked_at("+strings.Join(literals, ",")+")", pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	_, err = conn.Exec(t.Context(), "deallocate looked_at; reset plan_cache_mode", pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	return strings.Join(lines, "\n")
}

func TestPlansUseIndexes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.crowd(t, 20_000)
	plain := viewer{subject: "user7"}
	manager := viewer{subject: "user7", organizations: []string{"org3"}}
	of := func(filters ...session.Filter) session.ListRequest {
		return session.ListRequest{Filters: filters, Sort: session.ByCreation}
	}
	cases := map[string]struct {
		viewer  viewer
		request session.ListRequest
		indexes []string
	}{
		"default":           {root, session.ListRequest{}, []string{"sessions_1_pkey"}},
		"by creation":       {root, session.ListRequest{Sort: session.ByCreation}, []string{"by_created"}},
		"by creation, back": {root, session.ListRequest{Sort: session.ByCreation, Page: query.Page{Ascending: true, Offset: 500}}, []string{"by_created"}},
		"largest":           {root, session.ListRequest{Sort: session.ByCreation, Page: query.Page{Limit: query.MaxLimit}}, []string{"by_created"}},
		"ids":               {root, of(session.InIDs{"id1", "id2"}), []string{"sessions_1_pkey"}},
		"of a user":         {root, of(session.OfUser("user7")), []string{"by_user"}},
		"of a user, by id":  {root, session.ListRequest{Filters: []session.Filter{session.OfUser("user7")}}, []string{"by_user"}},
		"of a creator":      {root, of(session.BegunBy("app100")), []string{"by_creator"}},
		"of an agent":       {root, of(session.OfAgent("f100")), []string{"by_fingerprint"}},
		"own":               {plain, session.ListRequest{}, []string{"by_user", "by_creator"}},
		"own, by creation":  {plain, session.ListRequest{Sort: session.ByCreation}, []string{"by_user", "by_creator"}},
		"own of a user":     {plain, of(session.OfUser("user7")), []string{"by_user"}},
		"manager":           {manager, session.ListRequest{Sort: session.ByCreation}, []string{"by_created"}},
		"manager, a user":   {manager, of(session.OfUser("user7")), []string{"by_user"}},
	}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for name, c := range cases {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				state, rows, stateArgs, rowsArgs, err := c.request.Statements(c.viewer)
				must(t, err)
				plan := d.plan(t, mode, rows, rowsArgs)
				for _, index := range c.indexes {
					if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan") {
						t.Errorf("the page does not use %s:\n%s", index, plan)
					}
				}
				if len(c.request.Filters) == 0 && c.viewer.all && strings.Contains(plan, "Sort") {
					t.Errorf("the page is sorted instead of read in order:\n%s", plan)
				}
				narrowed := len(c.request.Filters) > 0 || !c.viewer.all && len(c.viewer.organizations) == 0
				total := d.plan(t, mode, state, stateArgs)
				if strings.Contains(total, "Seq Scan on events") || narrowed && strings.Contains(total, "Seq Scan on sessions_1") {
					t.Errorf("freshness and total read whole tables:\n%s", total)
				}
			})
		}
		t.Run(mode+"/one", func(t *testing.T) {
			t.Parallel()
			plan := d.plan(t, mode, session.StatementByID, []any{tenant, "id77"})
			if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "sessions_1_pkey") || !strings.Contains(plan, "streams_pkey") {
				t.Errorf("not by primary keys:\n%s", plan)
			}
		})
	}
}
