package user_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// crowd fills the read model with n people in one statement, as plans and measurements need them.
func (d *database) crowd(t testing.TB, n int) {
	t.Helper()
	ctx := context.Background()
	for _, sql := range []string{
		fmt.Sprintf(`
insert into projection.users_1
select 'default', 'id' || i, 'org' || i %% 50, 1, i, case i %% 20 when 0 then 2 else 1 end, case i %% 10 when 0 then 2 else 1 end,
       'User' || i, 'Given' || i %% 997, 'Family' || i %% 4999, 'Nick' || i %% 61, 'Given Family ' || i, 'en', 0,
       'User' || i || '@Example.com', true, case i %% 10 when 0 then '+49' || i else '' end, false, false, false, null, null, '', '', false, false,
       now() - i * interval '1 second', now(), 'user' || i, 'given' || i %% 997, 'family' || i %% 4999, 'nick' || i %% 61,
       'given family ' || i, 'user' || i || '@example.com'
  from generate_series(1, %d) i`, n),
		`insert into eventstore.streams select tenant, 'user', id, organization_id, 1 from projection.users_1`,
		`insert into eventstore.events (position, id, tenant, stream_kind, stream_id, version, type, revision, payload, subject, actor, correlation, recorded_at)
		 select position, gen_random_uuid(), tenant, 'user', id, 1, 'user.locked', 1, '', '', 'system', '', created_at from projection.users_1`,
		fmt.Sprintf(`select setval('eventstore.positions', %d)`, n),
		fmt.Sprintf(`update eventstore.checkpoints set position = %d where name = 'users'`, n),
		`delete from projection.users_count_1`,
		recount,
		`vacuum analyze projection.users_1`,
		`vacuum analyze eventstore.streams`,
		`vacuum analyze eventstore.events`,
	} {
		if _, err := d.pool.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// plan returns the plan of a prepared statement, with the values or without knowing them.
func (d *database) plan(t *testing.T, mode, sql string, args []any) string {
	t.Helper()
	ctx := context.Background()
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	literals := make([]string, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			literals[i] = "'" + a + "'"
		case []string:
			literals[i] = "'{" + strings.Join(a, ",") + "}'"
		case []int16:
			literals[i] = "'{" + strings.Trim(strings.ReplaceAll(fmt.Sprint(a), " ", ","), "[]") + "}'"
		default:
			literals[i] = fmt.Sprint(a)
		}
	}
	for _, s := range []string{"set plan_cache_mode = " + mode, "prepare looked_at as " + sql} {
		if _, err := conn.Exec(ctx, s, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	rows, err := conn.Query(ctx, "explain execute looked_at("+strings.Join(literals, ",")+")", pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "deallocate looked_at; reset plan_cache_mode", pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestPlansUseIndexes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.crowd(t, 20_000)
	mine := viewer{subject: "id7"}
	manager := viewer{subject: "id7", organizations: []string{"org3"}}
	email := func(m query.TextMethod, value string) []user.Filter {
		return []user.Filter{user.Text{Field: user.Email, Method: m, Value: value}}
	}
	cases := map[string]struct {
		viewer  viewer
		request user.ListRequest
		index   string
	}{
		"email":               {root, user.ListRequest{Filters: email(query.Equals, "User77@Example.com")}, "by_email"},
		"email, any case":     {root, user.ListRequest{Filters: email(query.EqualsIgnoreCase, "user77@example.COM")}, "by_email"},
		"email, prefix":       {root, user.ListRequest{Filters: email(query.StartsWith, "User777")}, "by_email"},
		"email, any prefix":   {root, user.ListRequest{Filters: email(query.StartsWithIgnoreCase, "USER777")}, "by_email"},
		"emails":              {root, user.ListRequest{Filters: []user.Filter{user.InEmails{"User5@Example.com", "User6@Example.com"}}}, "by_email"},
		"ids":                 {root, user.ListRequest{Filters: []user.Filter{user.InIDs{"id5", "id6"}}}, "pkey"},
		"login name":          {root, user.ListRequest{Filters: []user.Filter{user.Text{Field: user.LoginName, Value: "User77"}}}, "by_username"},
		"oneself":             {mine, user.ListRequest{}, "pkey"},
		"oneself by email":    {mine, user.ListRequest{Filters: email(query.Equals, "User7@Example.com")}, "users_1"},
		"manager, by email":   {manager, user.ListRequest{Filters: email(query.Equals, "User3@Example.com")}, "by_email"},
		"of one organization": {root, user.ListRequest{Filters: []user.Filter{user.InOrganization("org3")}}, "by_organization"},
		"of one, sorted":      {root, user.ListRequest{Filters: []user.Filter{user.InOrganization("org3")}, Sort: user.ByEmail}, "Index Only Scan using users_1_by_organization"},
		"of one, manager's":   {manager, user.ListRequest{Filters: []user.Filter{user.InOrganization("org3")}, Sort: user.ByCreation}, "Index Only Scan using users_1_by_organization"},
		"sorted by id":        {root, user.ListRequest{}, "pkey"},
		"sorted by username":  {root, user.ListRequest{Sort: user.ByUsername}, "by_username"},
		"sorted by given":     {root, user.ListRequest{Sort: user.ByGivenName, Page: query.Page{Ascending: true}}, "by_given_name"},
		"sorted by family":    {root, user.ListRequest{Sort: user.ByFamilyName}, "by_family_name"},
		"sorted by nick":      {root, user.ListRequest{Sort: user.ByNickName}, "by_nick_name"},
		"sorted by display":   {root, user.ListRequest{Sort: user.ByDisplayName}, "by_display_name"},
		"sorted by email":     {root, user.ListRequest{Sort: user.ByEmail}, "by_email"},
		"sorted by state":     {root, user.ListRequest{Sort: user.ByState}, "by_state"},
		"sorted by kind":      {root, user.ListRequest{Sort: user.ByKind}, "by_kind"},
		"sorted by creation":  {root, user.ListRequest{Sort: user.ByCreation}, "by_created_at"},
		"sorted, later page":  {root, user.ListRequest{Sort: user.ByEmail, Page: query.Page{Offset: 500}}, "by_email"},
		"sorted, largest one": {root, user.ListRequest{Sort: user.ByEmail, Page: query.Page{Limit: query.MaxLimit}}, "by_email"},
	}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for name, c := range cases {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				state, rows, stateArgs, rowsArgs, err := c.request.Statements(c.viewer)
				if err != nil {
					t.Fatal(err)
				}
				plan := d.plan(t, mode, rows, rowsArgs)
				if !strings.Contains(plan, c.index) || strings.Contains(plan, "Seq Scan") {
					t.Errorf("the page does not use %s:\n%s", c.index, plan)
				}
				if len(c.request.Filters) == 0 && c.viewer.all && strings.Contains(plan, "Sort") {
					t.Errorf("the page is sorted instead of read in order:\n%s", plan)
				}
				if total := d.plan(t, mode, state, stateArgs); strings.Contains(total, "Seq Scan on users_1") || strings.Contains(total, "Seq Scan on events") {
					t.Errorf("freshness and total read whole tables:\n%s", total)
				}
			})
		}
		t.Run(mode+"/by id", func(t *testing.T) {
			t.Parallel()
			plan := d.plan(t, mode, user.StatementByID, []any{[]string{tenant}, []string{"id77"}})
			if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "users_1_pkey") || !strings.Contains(plan, "streams_pkey") {
				t.Errorf("not by both primary keys:\n%s", plan)
			}
		})
	}
}
