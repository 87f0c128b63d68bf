package organization

// projection is the name under which the read model follows the log.
const projection = "organizations"

const (
	columns = `o.id, o.name, o.state, o.primary_domain, o.is_default, o.version, o.position, o.created_at, o.changed_at`

	// The owner of the stream of the user who asks.
	home = `(select u.owner from eventstore.streams u where u.tenant = $1 and u.kind = 'user' and u.id = `

	// What is asked of one organization comes with the versions that say whether it is fresh: the row and its belongings are
	// written in one transaction. $1 is the tenant, $2 the id, $3 the user who asks.
	sqlOne = `coalesce(` + home + `$3) = s.id, false), s.version, coalesce(o.id, ''), coalesce(o.name, ''), coalesce(o.state, 0),
       coalesce(o.primary_domain, ''), coalesce(o.is_default, false), coalesce(o.version, 0), coalesce(o.position, 0),
       coalesce(o.created_at, 'epoch'), coalesce(o.changed_at, 'epoch')`

	sqlOneFrom = `
  from eventstore.streams s
  left join projection.organizations o on o.tenant = s.tenant and o.id = s.id`

	sqlOneWhere = `
 where s.tenant = $1 and s.kind = 'org' and s.id = $2`

	sqlByID = `select ` + sqlOne + sqlOneFrom + sqlOneWhere

	// The page of what an organization has, with the number of all that match.
	sqlDomains = `
select ` + sqlOne + `,
       (select count(*) from projection.organizations_domains d where d.tenant = $1 and d.organization_id = $2%[1]s),
       d.domain, d.verified, d.is_primary, d.proof, d.created_at` + sqlOneFrom + `
  left join lateral (
       select * from projection.organizations_domains d
        where d.tenant = $1 and d.organization_id = $2%[1]s
        order by %[2]s
        limit %[3]s) d on true` + sqlOneWhere + `
 order by %[2]s`

	sqlMetadata = `
select ` + sqlOne + `,
       (select count(*) from projection.organizations_metadata m where m.tenant = $1 and m.organization_id = $2%[1]s),
       m.key, m.value, m.created_at, m.changed_at` + sqlOneFrom + `
  left join lateral (
       select * from projection.organizations_metadata m
        where m.tenant = $1 and m.organization_id = $2%[1]s
        order by %[2]s
        limit %[3]s) m on true` + sqlOneWhere + `
 order by %[2]s`

	sqlCount = `(select count(*) from projection.organizations o where o.tenant = $1 and o.state <> 3%s)`

	sqlRows = `
select ` + columns + `
  from projection.organizations o
 where o.tenant = $1 and o.state <> 3%s
 order by %s
 limit %s`
)
