package projects

import (
	"fmt"
	"strings"

	"github.com/signet-iam/signet/projection"
)

const (
	createProjects = `
create table %s (
    tenant                 text collate "C" not null,
    id                     text collate "C" not null,
    organization_id        text collate "C" not null,
    version                bigint not null,
    position               bigint not null,
    removed                boolean not null,
    name                   text collate "C" not null,
    name_lower             text collate "C" not null,
    state                  smallint not null,
    role_assertion         boolean not null,
    authorization_required boolean not null,
    access_required        boolean not null,
    labeling               smallint not null,
    created_at             timestamptz not null,
    changed_at             timestamptz not null,
    primary key (tenant, id)
)`

	createRoles = `
create table %s (
    tenant             text collate "C" not null,
    project_id         text collate "C" not null,
    key                text collate "C" not null,
    key_lower          text collate "C" not null,
    display_name       text collate "C" not null,
    display_name_lower text collate "C" not null,
    role_group         text collate "C" not null,
    created_at         timestamptz not null,
    changed_at         timestamptz not null,
    primary key (tenant, project_id, key)
)`

	createGrants = `
create table %s (
    tenant                  text collate "C" not null,
    project_id              text collate "C" not null,
    granted_organization_id text collate "C" not null,
    organization_id         text collate "C" not null,
    roles                   text[] collate "C" not null,
    state                   smallint not null,
    created_at              timestamptz not null,
    changed_at              timestamptz not null,
    primary key (tenant, project_id, granted_organization_id)
)`

	createEnded = `
create table %s (
    tenant text collate "C" not null,
    id     text collate "C" not null,
    primary key (tenant, id)
)`

	projectColumns = `tenant, id, organization_id, version, position, removed, name, name_lower, state, role_assertion,
authorization_required, access_required, labeling, created_at, changed_at`

	roleColumns = "tenant, project_id, key, key_lower, display_name, display_name_lower, role_group, created_at, changed_at"

	grantColumns = "tenant, project_id, granted_organization_id, organization_id, roles, state, created_at, changed_at"

	digestQuery = `
select 'project/' || tenant || '/' || id collate "C" as key, hashtextextended((p.*)::text, 0)
  from %s p
union all
select 'role/' || tenant || '/' || project_id || '/' || r.key collate "C", hashtextextended((r.*)::text, 0)
  from %s r
union all
select 'grant/' || tenant || '/' || project_id || '/' || granted_organization_id collate "C", hashtextextended((g.*)::text, 0)
  from %s g
union all
select 'ended/' || tenant || '/' || id collate "C", 0
  from %s e
 order by key`
)

// tables are the names of one generation.
type tables struct {
	projects, roles, grants, ended string
}

func tablesOf(generation int) tables {
	name := func(table string) string { return fmt.Sprintf("projection.%s_%d", table, generation) }
	return tables{name("projects"), name("projects_roles"), name("projects_grants"), name("projects_ended")}
}

// inStatements puts the names in place of {projects}, {roles}, {grants} and {ended}.
func (t *tables) inStatements() *strings.Replacer {
	return strings.NewReplacer("{projects}", t.projects, "{roles}", t.roles, "{grants}", t.grants, "{ended}", t.ended)
}

// Schema is what the model needs in the database.
func (m *Model) Schema(generation int) projection.Schema {
	t := tablesOf(generation)
	return projection.Schema{
		Tables: []string{t.projects, t.roles, t.grants, t.ended},
		Create: []string{
			fmt.Sprintf(createProjects, t.projects), fmt.Sprintf(createRoles, t.roles),
			fmt.Sprintf(createGrants, t.grants), fmt.Sprintf(createEnded, t.ended),
		},
		Indexes: []projection.Index{
			{SQL: fmt.Sprintf("create index projects_%d_by_created on %s (tenant, created_at, id) where not removed", generation, t.projects)},
			{SQL: fmt.Sprintf("create index projects_%d_by_organization on %s (tenant, organization_id, created_at, id)", generation, t.projects)},
			{SQL: fmt.Sprintf("create index projects_grants_%d_by_organization on %s (tenant, organization_id)", generation, t.grants)},
			{SQL: fmt.Sprintf("create index projects_grants_%d_by_grantee on %s (tenant, granted_organization_id)", generation, t.grants)},
		},
		Views: []projection.View{
			{Name: "projection.projects", Query: "select " + projectColumns + " from " + t.projects},
			{Name: "projection.projects_roles", Query: "select " + roleColumns + " from " + t.roles},
			{Name: "projection.projects_grants", Query: "select " + grantColumns + " from " + t.grants},
		},
		Digest: fmt.Sprintf(digestQuery, t.projects, t.roles, t.grants, t.ended),
	}
}
