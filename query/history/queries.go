package history

// projection is the read model that knows names, under the name by which it follows the log.
const projection = "users"

const (
	// Everything is found by primary keys and by the index on streams and versions, in one snapshot. Only where row and stream differ
	// does the log tell whether the row is that of an earlier life. Most events have the account's owner as editor, who is there already. $1 is the tenant, $2 the id and $3 the version behind which the
	// page begins; the way to compare, the direction twice and the size follow.
	sqlPage = `
select s.owner, s.version, coalesce(u.version, 0), coalesce(u.state, 0), coalesce(u.born, 0), coalesce(u.preferred_language, ''),
       case when u.version is distinct from s.version then exists (
            select from eventstore.events r
             where r.stream_id = s.id and r.stream_kind = s.kind and r.tenant = s.tenant and r.version > coalesce(u.version, 0)
               and r.type = 'user.removed') else false end,
       coalesce(c.position, 0), coalesce(c.updated_at, 'epoch'), (select coalesce(max(position), 0) from eventstore.events),
       exists (select from eventstore.parked where projection = 'users' and tenant = $1),
       e.version, e.type, e.recorded_at, e.actor,
       case e.actor when s.id then u.username else b.username end,
       case e.actor when s.id then case u.kind when 2 then u.machine_name else u.display_name end else b.shown end,
       case e.actor when s.id then u.avatar else b.avatar end
  from eventstore.streams s
  left join projection.users u on u.tenant = s.tenant and u.id = s.id
  left join eventstore.checkpoints c on c.name = 'users'
  left join lateral (
       select l.version, l.type, l.recorded_at, l.actor
         from eventstore.events l
        where l.stream_id = s.id and l.stream_kind = s.kind and l.tenant = s.tenant and l.version >= u.born and l.version %s $3
        order by l.version %[2]s
        limit %[3]d) e on true
  left join lateral (
       select username, case kind when 2 then machine_name else display_name end as shown, avatar
         from projection.users
        where tenant = $1 and id = e.actor and e.actor <> s.id
       offset 0) b on true
 where s.tenant = $1 and s.kind = 'user' and s.id = $2
 order by e.version %[2]s`
)
