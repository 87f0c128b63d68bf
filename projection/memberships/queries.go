package memberships

// Tables stand in braces, because each generation has its own. $1 is always the tenant.
const (
	// $2 to $5 are the primary key, $6 the roles. What stands on something gone is not written.
	sqlSet = `
insert into {memberships} as m (` + columns + `)
select $1, $2, $3, $4, $5, $6::text[], $7::bigint, $8::timestamptz, $8::timestamptz
 where not exists (select from unnest(array['user', 'org', 'org', 'project', 'grant'], array[$2, $3, $5, $4, $4]::text[],
                                      array['', '', '', '', $5]::text[]) as basis (kind, id, granted_id)
                   cross join lateral (select from {gone} g
                                        where g.tenant = $1 and g.kind = basis.kind and g.id = basis.id and g.granted_id = basis.granted_id
                                       offset 0) g)
on conflict (tenant, user_id, organization_id, project_id, granted_id) do update
   set roles = excluded.roles, position = excluded.position, changed_at = excluded.changed_at`

	sqlEnd = `
delete from {memberships}
 where tenant = $1 and user_id = $2 and organization_id = $3 and project_id = $4 and granted_id = $5`

	sqlEndUser         = `delete from {memberships} where tenant = $1 and user_id = $2`
	sqlEndOrganization = `delete from {memberships} where tenant = $1 and organization_id = $2`
	sqlEndGranted      = `delete from {memberships} where tenant = $1 and granted_id = $2`
	sqlEndProject      = `delete from {memberships} where tenant = $1 and project_id = $2`
	sqlEndGrant        = `delete from {memberships} where tenant = $1 and project_id = $2 and granted_id = $3`

	sqlGone = `insert into {gone} (tenant, kind, id, granted_id) values ($1, $2, $3, $4) on conflict do nothing`
	sqlBack = `delete from {gone} where tenant = $1 and kind = $2 and id = $3 and granted_id = $4`
)
