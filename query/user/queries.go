package user

// projection is the name under which the read model follows the log.
const projection = "users"

// columns come in the order in which decode takes them: texts first, then values of fixed size.
const columns = `u.id, u.organization_id, u.username, u.given_name, u.family_name, u.nick_name, u.display_name,
       u.preferred_language, u.email, u.phone, u.machine_name, u.machine_description,
       u.state, u.kind, u.gender, u.email_verified, u.phone_verified, u.has_password, u.password_change_required,
       u.has_secret, u.version, u.position, u.password_changed_at, u.created_at, u.changed_at`

const (
	// Both sides are found by primary key. The owner comes from the stream, which knows it even before the read model does.
	// $1 and $2 are as long as each other; the last column says which pair of them a row answers.
	sqlByID = `
select ` + columns + `, s.owner, s.version, asked.number
  from unnest($1::text[], $2::text[]) with ordinality asked (tenant, id, number)
  join eventstore.streams s on s.tenant = asked.tenant and s.kind = 'user' and s.id = asked.id
  left join projection.users u on u.tenant = s.tenant and u.id = s.id`

	// The checkpoint, the last committed position and the total stand in one snapshot. max() reads one entry of the log's
	// primary key. $1 is the tenant, and the total follows.
	sqlState = `
select coalesce(c.position, 0), coalesce(c.updated_at, 'epoch'),
       (select coalesce(max(position), 0) from eventstore.events),
       exists (select from eventstore.parked where projection = 'users' and tenant = $1),
       `
	sqlStateFrom = `
  from (select) one
  left join eventstore.checkpoints c on c.name = 'users'`

	// Totals without a condition come from the counts that the projection keeps.
	sqlCountAll  = `(select coalesce(sum(count), 0)::bigint from projection.users_count where tenant = $1)`
	sqlCountSome = `(select coalesce(sum(count), 0)::bigint from projection.users_count
         where tenant = $1 and organization_id = any (%[1]s))
       + (select count(*) from projection.users u
         where u.tenant = $1 and u.state <> 3 and u.id = %[2]s and u.organization_id <> all (%[1]s))`
	sqlCountWhere = `(select count(*) from projection.users u
         where u.tenant = $1 and u.state <> 3%s)`

	sqlRows = `
select ` + columns + `
  from projection.users u
 where u.tenant = $1 and u.state <> 3%s
 order by %s
 limit %d`
)
