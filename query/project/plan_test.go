package project_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/project"
)

// crowd fills the tables with projects of 200 organizations, each with two roles and granted to two of them.
func (d *database) crowd(t *testing.T, n int) {
	t.Helper()
	var roles []proto.Message
	for i := range 300 { // so that the log has more than a page
		roles = append(roles, role(fmt.Sprint(i)))
	}
	d.record(t, "project", "logged", append([]proto.Message{added("o1", "Logged")}, roles...)...)
	for _, sql := range []string{
		fmt.Sprintf(`
insert into projection.projects_1
select 'default', 'p' || i, 'o' || i %% 200, 1, i, false, 'Project ' || i, 'project ' || i, 1, false, false, false, 0,
       now() - i * interval '1 minute', now() - i * interval '1 second'
  from generate_series(0, %d) i`, n),
		`insert into projection.projects_roles_1
select 'default', p.id, 'k' || i, 'k' || i, 'K' || i, 'k' || i, '', now(), now() from projection.projects_1 p cross join generate_series(1, 2) i`,
		`insert into projection.projects_grants_1
select 'default', p.id, 'o' || (p.position + i) % 200, p.organization_id, array['k1', 'k2'], 1, now() - p.position * interval '1 minute', now()
  from projection.projects_1 p cross join generate_series(1, 2) i`,
		`insert into projection.organizations_1
select 'default', 'o' || i, 1, i, 1, 'O' || i, 'o' || i, '', false, now(), now() from generate_series(0, 199) i`,
		"insert into eventstore.streams select tenant, 'project', id, organization_id, 1 from projection.projects_1",
		"insert into eventstore.streams select tenant, 'org', id, id, 1 from projection.organizations_1",
		"vacuum analyze projection.projects_1", "vacuum analyze projection.projects_roles_1", "vacuum analyze projection.projects_grants_1",
		"vacuum analyze projection.organizations_1", "vacuum analyze eventstore.streams", "vacuum analyze eventstore.events",
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

// listing is a list of any kind.
type listing interface {
	Statements(v query.ProjectViewer) (query.Statements, error)
}

func TestPlansUseIndexes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.crowd(t, 5_000)
	manager := caller(on(permission.Membership{Organization: "o7"}, permission.OrganizationOwner))
	grantee := caller(on(permission.Membership{Organization: "o7", Project: "p7", Granted: "o8"}, permission.ProjectGrantOwner))
	owned := []project.Filter{project.OfOrganization{ID: "o7"}}
	cases := map[string]struct {
		viewer  *permission.Caller
		request listing
		indexes []string
	}{
		"default":               {root(), project.ListRequest{}, []string{"by_created"}},
		"of an organization":    {root(), project.ListRequest{Filters: owned}, []string{"projects_1_by_organization", "projects_grants_1_by_grantee"}},
		"by id":                 {root(), project.ListRequest{Filters: []project.Filter{project.InIDs{"p1", "p2"}}}, []string{"projects_1_pkey", "projects_grants_1_pkey"}},
		"manager":               {manager, project.ListRequest{}, []string{"projects_1_by_organization", "projects_grants_1_by_organization", "by_grantee"}},
		"grantee":               {grantee, project.ListRequest{}, []string{"projects_grants_1_pkey"}},
		"roles":                 {root(), project.RolesRequest{Project: "p7"}, []string{"projects_roles_1_pkey"}},
		"roles, for a manager":  {manager, project.RolesRequest{Project: "p7"}, []string{"projects_roles_1_pkey"}},
		"grants, to one":        {root(), project.GrantsRequest{Filters: []project.GrantFilter{project.GrantedTo("o7")}}, []string{"projects_grants_1_by_grantee"}},
		"grants, for a manager": {manager, project.GrantsRequest{}, []string{"by_grantee", "projects_grants_1_by_organization"}},
	}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for name, c := range cases {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				s, err := c.request.Statements(c.viewer)
				must(t, err)
				plan := d.plan(t, mode, s.Rows, s.RowsArgs)
				for _, index := range c.indexes {
					if !strings.Contains(plan, index) {
						t.Errorf("the page does not use %s:\n%s", index, plan)
					}
				}
				if name == "default" {
					return
				}
				// A plan that knows no values expects many organizations, and may rather read all projects than look for theirs. It
				// costs more than those that know them, so it is not taken.
				known := mode == "force_custom_plan"
				if known && strings.Contains(plan, "Seq Scan on projects_1") || strings.Contains(plan, "Seq Scan on projects_grants") {
					t.Errorf("the page reads whole tables:\n%s", plan)
				}
			})
		}
		t.Run(mode+"/one", func(t *testing.T) {
			t.Parallel()
			plan := d.plan(t, mode, project.StatementByID, []any{tenant, "p77", []string{"o8"}})
			if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "projects_1_pkey") || !strings.Contains(plan, "streams_pkey") {
				t.Errorf("not by primary keys:\n%s", plan)
			}
		})
	}
}
