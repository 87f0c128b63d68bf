package provider

import "github.com/signet-iam/signet/query"

// projection is the name under which the read model follows the log.
const projection = "providers"

const (
	// Both sides are found by primary key. The owner comes from the stream, which knows it even before the read model does.
	sqlByID = `
select s.owner, s.version, coalesce(p.id, ''), coalesce(p.organization_id, ''), coalesce(p.version, 0), coalesce(p.position, 0),
       coalesce(p.removed, false) or ` + query.EndedOrganization + `,
       coalesce(p.settings, ''), coalesce(p.created_at, 'epoch'), coalesce(p.changed_at, 'epoch')
  from eventstore.streams s
  left join projection.providers p on p.tenant = s.tenant and p.id = s.id
  left join eventstore.streams os on os.tenant = s.tenant and os.kind = 'org' and os.id = s.owner
 where s.tenant = $1 and s.kind = 'idp' and s.id = $2`

	// $1 is the tenant, and conditions follow.
	matching = `
  from projection.providers p
  left join eventstore.streams os on os.tenant = p.tenant and os.kind = 'org' and os.id = p.organization_id
 where p.tenant = $1 and not p.removed and not ` + query.EndedOrganization + `%[1]s`

	sqlTotal = `(select count(*)` + matching + `)`

	sqlRows = `
select p.id, p.organization_id, p.version, p.position, p.removed, p.settings, p.created_at, p.changed_at` + matching + `
 order by %[2]s
 limit %[3]s`
)
