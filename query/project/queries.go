package project

import "github.com/signet-iam/signet/query"

// The names under which the read models follow the log.
const (
	projects      = "projects"
	organizations = "organizations"
)

const (
	columns = `p.id, p.organization_id, p.version, p.position, p.name, p.state, p.role_assertion, p.authorization_required,
       p.access_required, p.labeling, p.created_at, p.changed_at`

	// $1 is the tenant, $2 the id, $3 are organizations, of which the first that the project is granted to counts. All is found by
	// primary keys. Only the log tells in time that an organization has ended: that is its last event.
	sqlByID = `
select st.owner, st.version, coalesce(p.removed, false),
       case when p.version is distinct from st.version then exists (
            select from eventstore.events e
             where e.stream_id = st.id and e.stream_kind = st.kind and e.tenant = st.tenant and e.version = st.version
               and e.type = 'project.removed') else false end or ` + query.EndedOrganization + `,
       coalesce(g.version, 0), coalesce(o.version, 0),
       coalesce(g.organization_id, ''), coalesce(o.name, ''), coalesce(g.state, 0), ` + foundColumns + `
  from eventstore.streams st
  left join projection.projects p on p.tenant = st.tenant and p.id = st.id
  left join eventstore.streams os on os.tenant = st.tenant and os.kind = 'org' and os.id = st.owner
  left join lateral (
       select g.granted_organization_id as organization_id, g.state, os.version
         from projection.projects_grants g
         left join eventstore.streams os on os.tenant = g.tenant and os.kind = 'org' and os.id = g.granted_organization_id
        where g.tenant = st.tenant and g.project_id = st.id and g.granted_organization_id = any ($3::text[])
          and not ` + query.EndedOrganization + `
        order by g.granted_organization_id
        limit 1) g on true
  left join projection.organizations o on o.tenant = st.tenant and o.id = g.organization_id
 where st.tenant = $1 and st.kind = 'project' and st.id = $2`

	foundColumns = `
       coalesce(p.id, ''), coalesce(p.organization_id, ''), coalesce(p.version, 0), coalesce(p.position, 0), coalesce(p.name, ''),
       coalesce(p.state, 0), coalesce(p.role_assertion, false), coalesce(p.authorization_required, false),
       coalesce(p.access_required, false), coalesce(p.labeling, 0), coalesce(p.created_at, 'epoch'), coalesce(p.changed_at, 'epoch')`

	// Both ways to see projects. $1 is the tenant, and a condition follows.
	fromOwned   = ` from projection.projects p where p.tenant = $1 and not p.removed and `
	fromGranted = ` from projection.projects_grants g
          join projection.projects p on p.tenant = g.tenant and p.id = g.project_id
         where g.tenant = $1 and not p.removed and `

	// Each side is cut before both are put together, and the names are joined to the page. %[1]s and %[2]s are the sides, %[3]s the
	// order, %[4]s how much of each side is needed and %[5]s the size of the page.
	sqlProjects = `
select p.granted_organization_id, coalesce(o.name, ''), p.granted_state, ` + columns + `
  from (select * from (
            (select * from (select p.*, '' as granted_organization_id, 0::smallint as granted_state%[1]s) p
              order by %[3]s limit %[4]s)
             union all
            (select * from (select p.*, g.granted_organization_id, g.state as granted_state%[2]s) p
              order by %[3]s limit %[4]s)) p
         order by %[3]s
         limit %[5]s) p
  left join projection.organizations o on o.tenant = $1 and o.id = p.granted_organization_id
 order by %[3]s`

	// What only some rows are open to is found before it is sorted, however few a plan believes to be enough.
	fence = " offset 0"

	// of what roles or grants are chosen from
	sqlCount = "(select count(*)%s)"

	fromRoles = ` from projection.projects_roles r
  join projection.projects p on p.tenant = r.tenant and p.id = r.project_id
 where r.tenant = $1 and r.project_id = $2`

	// The roles that are granted to an organization, a condition on which follows.
	grantedRole = `exists (select from projection.projects_grants g
                 where g.tenant = r.tenant and g.project_id = r.project_id and r.key = any (g.roles) and `

	sqlRoles = `
select r.project_id, r.key, r.display_name, r.role_group, r.created_at, r.changed_at%[1]s
 order by %[2]s
 limit %[3]s`

	// The names are joined to the page.
	sqlGrants = `
select g.project_id, g.project_name, g.organization_id, g.granted_organization_id, coalesce(o.name, ''), g.state, g.roles,
       g.created_at, g.changed_at
  from (select * from (select g.*, p.name as project_name%[1]s) g
         order by %[2]s
         limit %[3]s) g
  left join projection.organizations o on o.tenant = g.tenant and o.id = g.granted_organization_id
 order by %[2]s`
)
