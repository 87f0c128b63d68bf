package user

// projection is the name under which the read model follows the log.
const projection = "users"

// providers is the name under which the read model of identity providers does.
const providers = "providers"

// columns come in the order in which decode takes them: texts first, then values of fixed size.
const columns = `u.id, u.organization_id, u.username, u.given_name, u.family_name, u.nick_name, u.display_name,
       u.preferred_language, u.email, u.phone, u.machine_name, u.machine_description, u.avatar,
       u.state, u.kind, u.gender, u.email_verified, u.phone_verified, u.has_password, u.password_change_required,
       u.has_secret, u.signed_tokens, u.version, u.position, u.password_changed_at, u.mfa_init_skipped_at, u.created_at, u.changed_at`

// homeless is true of users whose organization has ended, as the log knows it: nothing follows the end in a stream.
const homeless = `coalesce((select o.type = 'org.removed'
                 from eventstore.events o
                where o.stream_id = s.owner and o.stream_kind = 'org' and o.tenant = s.tenant
                order by o.version desc
                limit 1), false)`

const (
	// Both sides are found by primary key. The owner comes from the stream, which knows it even before the read model does.
	// $1 and $2 are as long as each other; number says which pair of them a row answers.
	sqlByID = `
select ` + columns + `, s.owner, s.version, asked.number, ` + homeless + `
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
	sqlCountOne  = `(select coalesce(sum(count), 0)::bigint from projection.users_count where tenant = $1 and organization_id = $2)`
	sqlCountSome = `(select coalesce(sum(count), 0)::bigint from projection.users_count
         where tenant = $1 and organization_id = any (%[1]s))
       + (select count(*) from projection.users u
         where u.tenant = $1 and u.state <> 3 and u.id = %[2]s and u.organization_id <> all (%[1]s))`
	sqlCountWhere = `(select count(*) from projection.users u
         where u.tenant = $1 and u.state <> 3%s)`

	// Holders and checkpoint stand in one snapshot. $1 is the tenant, $2 the address and $3 whether it is to be verified.
	sqlHolders = sqlState + `array(select u.id from projection.users u
              where u.tenant = $1 and u.state <> 3 and u.kind = 1 and `
	sqlNewestHolders = `
              order by u.created_at desc, u.id desc
              limit 10)` + sqlStateFrom

	sqlWithEmail = sqlHolders + `u.email_lower = $2 and u.email_verified = $3` + sqlNewestHolders
	// The index of phone numbers holds no empty ones, and the planner does not know that $2 is not.
	sqlWithPhone = sqlHolders + `u.phone = $2 and u.phone <> '' and u.phone_verified = $3` + sqlNewestHolders

	sqlRows = `
select ` + columns + `
  from projection.users u
 where u.tenant = $1 and u.state <> 3`
	// The page is cut before its rows are read.
	sqlKeys = `
select ` + columns + `
  from (select u.tenant, u.id
          from projection.users u
         where u.tenant = $1 and u.state <> 3`
	sqlRowsOfKeys = `) page
  join projection.users u on u.tenant = page.tenant and u.id = page.id`
	sqlRowsOrder = `
 order by `
	sqlRowsLimit = `
 limit `

	// What a user has comes with the versions that say whether it is fresh, in one statement by primary keys: the users row
	// and its belongings are written in one transaction.
	// An organization's end is no event of its users: a row that does not know of it counts as behind.
	sqlAccount = `s.owner, s.version, case when u.state <> 3 and ` + homeless + ` then 0 else coalesce(u.version, 0) end, coalesce(u.position, 0), coalesce(u.changed_at, 'epoch'),
       coalesce(u.has_password, false)`

	sqlCredentials = `
select ` + sqlAccount + `, coalesce(c.kind, 0), coalesce(c.id, ''), coalesce(c.state, 0), coalesce(c.name, ''),
       coalesce(c.domain, ''), coalesce(c.provider_id, ''), coalesce(c.external_id, '')
  from eventstore.streams s
  left join projection.users u on u.tenant = s.tenant and u.id = s.id
  left join projection.users_credentials c
    on c.tenant = s.tenant and c.user_id = s.id and c.kind = any ($3) and c.state = any ($4)
 where s.tenant = $1 and s.kind = 'user' and s.id = $2
 order by c.kind, c.created_at, c.position`

	// The last column says that the provider's row is older than its stream.
	sqlLinkedProviders = `
select ` + sqlAccount + `, coalesce(c.provider_id, ''), coalesce(c.external_id, ''), coalesce(c.name, ''),
       coalesce(p.settings, ''), coalesce(ps.version, 0) > coalesce(p.version, 0)
  from eventstore.streams s
  left join projection.users u on u.tenant = s.tenant and u.id = s.id
  left join projection.users_credentials c on c.tenant = s.tenant and c.user_id = s.id and c.kind = 6 and c.state = 2
  left join eventstore.streams ps on ps.tenant = c.tenant and ps.kind = 'idp' and ps.id = c.provider_id
  left join projection.providers p on p.tenant = c.tenant and p.id = c.provider_id
 where s.tenant = $1 and s.kind = 'user' and s.id = $2
 order by c.created_at, c.position`

	sqlMetadata = `
select ` + sqlAccount + `,
       (select count(*) from projection.users_metadata m where m.tenant = $1 and m.user_id = $2%[1]s),
       m.key, m.value, m.created_at, m.changed_at
  from eventstore.streams s
  left join projection.users u on u.tenant = s.tenant and u.id = s.id
  left join lateral (
       select * from projection.users_metadata m
        where m.tenant = $1 and m.user_id = $2%[1]s
        order by %[2]s
        limit %[3]s) m on true
 where s.tenant = $1 and s.kind = 'user' and s.id = $2
 order by %[2]s`

	// $3 is the id of the only token that is wanted, or empty.
	sqlOwnTokens = `
select ` + sqlAccount + `, c.id, c.name, c.created_at, c.expires_at, l.at
  from eventstore.streams s
  left join projection.users u on u.tenant = s.tenant and u.id = s.id
  left join projection.users_credentials c
    on c.tenant = s.tenant and c.user_id = s.id and c.kind = 8 and ($3 = '' or c.id = $3)
  left join eventstore.last_used l on l.tenant = c.tenant and l.subject = c.id
 where s.tenant = $1 and s.kind = 'user' and s.id = $2
 order by c.created_at, c.position`

	sqlCountIssued = `(select count(*) from projection.users_credentials c where c.tenant = $1%s)`

	sqlIssued = `
select c.id, c.user_id, c.organization_id, c.created_at, c.changed_at, ` + expiry + `
  from projection.users_credentials c
 where c.tenant = $1%s
 order by %s
 limit %s`
)
