package authorizations

// Tables stand in braces, because each generation has its own. $1 is always the tenant.
const (
	// $2 user, $3 id, $4 project, $5 organization, $6 roles. What stands on nothing is not written.
	sqlAdd = `
insert into {authorizations} (` + columns + `)
select $1, $2, $3, $4, $5, s.owner, b.owner_id, true,
       array(select k.key from unnest($6::text[]) with ordinality as k (key, n)
              cross join lateral (select from {basis} r
                                   where r.tenant = $1 and r.project_id = $4 and r.organization_id = $5 and r.role_key = k.key
                                  offset 0) r
              where k.key <> '' order by k.n),
       $7::bigint, $8::timestamptz, $8::timestamptz
  from {basis} b, eventstore.streams s
 where b.tenant = $1 and b.project_id = $4 and b.organization_id = $5 and b.role_key = ''
   and s.tenant = $1 and s.kind = 'authorization' and s.id = $2
   and not exists (select from {gone} g where g.tenant = $1 and g.kind = 'user' and g.id = $2)
   and not exists (select from {gone} g where g.tenant = $1 and g.kind = 'org' and g.id = s.owner)
on conflict do nothing`

	// $2 user, $3 id, $4 roles.
	sqlChange = `
update {authorizations} a
   set roles = array(select k.key from unnest($4::text[]) with ordinality as k (key, n)
                      cross join lateral (select from {basis} r
                                           where r.tenant = a.tenant and r.project_id = a.project_id
                                             and r.organization_id = a.organization_id and r.role_key = k.key
                                          offset 0) r
                      where k.key <> '' order by k.n),
       position = $5, changed_at = $6
 where tenant = $1 and user_id = $2 and id = $3`

	sqlActivate = `
update {authorizations} set active = $4, position = $5, changed_at = $6
 where tenant = $1 and user_id = $2 and id = $3`

	sqlRemove  = `delete from {authorizations} where tenant = $1 and user_id = $2 and id = $3`
	sqlEndUser = `delete from {authorizations} where tenant = $1 and user_id = $2`

	sqlGone = `insert into {gone} (tenant, kind, id) values ($1, $2, $3) on conflict do nothing`
	sqlBack = `delete from {gone} where tenant = $1 and kind = $2 and id = $3`
)

// The basis. $2 is the project.
const (
	sqlAddProject = `
insert into {basis} (tenant, project_id, organization_id, role_key, owner_id)
select $1, $2, $3, '', $3
 where not exists (select from {gone} g where g.tenant = $1 and g.kind = 'org' and g.id = $3)
on conflict do nothing`

	sqlEndProject      = `delete from {authorizations} where tenant = $1 and project_id = $2`
	sqlEndProjectBasis = `delete from {basis} where tenant = $1 and project_id = $2`

	sqlAddRole = `
insert into {basis} (tenant, project_id, organization_id, role_key, owner_id)
select tenant, project_id, organization_id, $3, owner_id
  from {basis}
 where tenant = $1 and project_id = $2 and organization_id = owner_id and role_key = ''
on conflict do nothing`

	sqlEndRole = `
update {authorizations} set roles = array_remove(roles, $3)
 where tenant = $1 and project_id = $2 and $3 = any (roles)`

	sqlEndRoleBasis = `delete from {basis} where tenant = $1 and project_id = $2 and role_key = $3`

	sqlAddGrant = `
insert into {basis} (tenant, project_id, organization_id, role_key, owner_id)
select tenant, project_id, $3, '', owner_id
  from {basis}
 where tenant = $1 and project_id = $2 and organization_id = owner_id and role_key = ''
   and not exists (select from {gone} g where g.tenant = $1 and g.kind = 'org' and g.id = $3)
on conflict do nothing`

	// What the project does not have, or was not granted at all, cannot be given.
	sqlAddGrantRoles = `
insert into {basis} (tenant, project_id, organization_id, role_key, owner_id)
select b.tenant, b.project_id, $3, b.role_key, b.owner_id
  from {basis} b
 where b.tenant = $1 and b.project_id = $2 and b.organization_id = b.owner_id and b.role_key = any ($4::text[]) and b.role_key <> ''
   and exists (select from {basis} g where g.tenant = $1 and g.project_id = $2 and g.organization_id = $3 and g.role_key = '')
on conflict do nothing`

	sqlEndGrant      = `delete from {authorizations} where tenant = $1 and project_id = $2 and organization_id = $3`
	sqlEndGrantBasis = `delete from {basis} where tenant = $1 and project_id = $2 and organization_id = $3`

	sqlNarrowGrant = `
update {authorizations}
   set roles = array(select k.key from unnest(roles) with ordinality as k (key, n) where k.key = any ($4::text[]) order by k.n)
 where tenant = $1 and project_id = $2 and organization_id = $3 and not roles <@ $4::text[]`

	sqlNarrowGrantBasis = `
delete from {basis}
 where tenant = $1 and project_id = $2 and organization_id = $3 and role_key <> '' and role_key <> all ($4::text[])`

	// $2 is the organization.
	sqlEndOrganization = `
delete from {authorizations} a
 using {basis} b
 where b.tenant = $1 and (b.owner_id = $2 or b.organization_id = $2) and b.role_key = ''
   and a.tenant = $1 and a.project_id = b.project_id and a.organization_id = b.organization_id`

	sqlEndOrganizationOf    = `delete from {authorizations} where tenant = $1 and user_organization_id = $2`
	sqlEndOrganizationBasis = `delete from {basis} where tenant = $1 and (owner_id = $2 or organization_id = $2)`
)
