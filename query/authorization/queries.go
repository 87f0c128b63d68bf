package authorization

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// projections returns the names under which the read models follow the log.
func projections() []string { return []string{"authorizations", "users", "organizations", "projects"} }

// New returns queries over the read models in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{pool: pool, model: query.NewModel(log, projections()...)}
}

const (
	// What conditions are about, up to those that follow. A user of an organization that was removed is on the way out. $1 is
	// the tenant.
	matching = `
  from projection.authorizations a
  join projection.users u on u.tenant = a.tenant and u.id = a.user_id and u.state <> 3
  left join projection.projects p on p.tenant = a.tenant and p.id = a.project_id
 where a.tenant = $1%s`

	sqlTotal = `(select count(*)` + matching + `)`

	// The start of a condition on any role of an authorization.
	hasRole = `exists (
       select from unnest(a.roles) as k (key)
         left join lateral (select r.key_lower from projection.projects_roles r
                             where r.tenant = a.tenant and r.project_id = a.project_id and r.key = k.key
                            offset 0) r on true
        where `

	// The page is cut before more is joined to it.
	sqlRows = `
select a.id, a.user_id, a.user_organization_id, a.username, a.shown, a.avatar, a.project_id, a.project_name,
       a.project_organization_id, a.organization_id, coalesce(o.name, ''), coalesce(o.primary_domain, ''), a.active,
       a.position, a.created_at, a.changed_at, a.roles, coalesce(r.names, '{}'), coalesce(r.groups, '{}')
  from (select a.*, u.username, u.avatar, case u.kind when 2 then u.machine_name else u.display_name end as shown,
               coalesce(p.name, '') as project_name` + matching + `
         order by %[2]s
         limit %[3]s) a
  left join lateral (
       select o.name, o.primary_domain
         from projection.organizations o
        where o.tenant = a.tenant and o.id = a.organization_id
       offset 0) o on true
  left join lateral (
       select array_agg(coalesce(r.display_name, '') order by k.n) as names, array_agg(coalesce(r.role_group, '') order by k.n) as groups
         from unnest(a.roles) with ordinality as k (key, n)
         left join lateral (select r.display_name, r.role_group from projection.projects_roles r
                             where r.tenant = a.tenant and r.project_id = a.project_id and r.key = k.key
                            offset 0) r on true) r on true
 order by %[2]s`
)
