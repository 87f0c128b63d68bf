package member

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// Queries answers questions about memberships. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	model *query.Model
}

// projections returns the names under which the read models follow the log.
func projections() []string { return []string{"memberships", "users", "organizations", "projects"} }

// New returns queries over the read models in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{pool: pool, model: query.NewModel(log, projections()...)}
}

const (
	// What conditions are about, up to those that follow. A user of an organization that was removed is on the way out. $1 is
	// the tenant.
	matching = `
  from projection.memberships m
  join projection.users u on u.tenant = m.tenant and u.id = m.user_id and u.state <> 3
 where m.tenant = $1%s`

	sqlTotal = `(select count(*)` + matching + `)`

	// The page is cut before names are joined to it.
	sqlRows = `
select m.user_id, m.home, m.username, m.shown, m.organization_id, m.project_id, m.granted_id,
       coalesce(case when m.project_id = '' then o.name else p.name end, ''), m.roles, m.position, m.created_at, m.changed_at
  from (select m.*, u.organization_id as home, u.username, case u.kind when 2 then u.machine_name else u.display_name end as shown` +
		matching + `
         order by %[2]s
         limit %[3]s) m
  left join lateral (
       select o.name from projection.organizations o where o.tenant = m.tenant and o.id = m.organization_id offset 0) o on true
  left join lateral (
       select p.name from projection.projects p where p.tenant = m.tenant and p.id = m.project_id offset 0) p on true
 order by %[2]s`
)
