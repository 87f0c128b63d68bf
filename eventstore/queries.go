package eventstore

// Advisory lock keys. They are part of the database's contract between nodes: never change them.
const (
	appendLock    int64 = 0x7369676e_00000001 // held shared by every transaction that takes positions
	migrationLock int64 = 0x7369676e_00000002

	statisticsLock int64 = 0x7369676e_00000003 // held by the node that has the tables analyzed
)

// Notification channels.
const (
	channelLog        = "signet_log"
	channelCheckpoint = "signet_checkpoint"
)

// The statements of a group's transaction, in the order they are sent. Members come sorted by stream, and claims
// sorted by digest, so that groups of several nodes lock in one order. unnest keeps array order. Every group begins with
// the one or the other of the first two, which take the append lock in passing: it has to be held when positions are taken.
const (
	sqlAdvanceStreams = `
with advanced as (
    update eventstore.streams s
       set version = m.next
      from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) as m (tenant, kind, id, expected, next)
     where (s.tenant, s.kind, s.id) = (m.tenant, m.kind, m.id) and s.version = m.expected
    returning 1)
select pg_advisory_xact_lock_shared($6), eventstore.require((select count(*) from advanced) = cardinality($1::text[]))`

	sqlCreateStreams = `
with created as (
    insert into eventstore.streams (tenant, kind, id, owner, version)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
    on conflict do nothing
    returning 1)
select pg_advisory_xact_lock_shared($6), eventstore.require((select count(*) from created) = cardinality($1::text[]))`

	sqlReleaseClaims = `
delete from eventstore.claims c
 using unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[]) as r (tenant, kind, digest, stream_kind, stream_id)
 where (c.tenant, c.kind, c.digest) = (r.tenant, r.kind, r.digest)
   and (c.stream_kind, c.stream_id) = (r.stream_kind, r.stream_id)`

	sqlTakeClaims = `
with taken as (
    insert into eventstore.claims (tenant, kind, digest, stream_kind, stream_id)
    select * from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[])
    on conflict do nothing
    returning 1)
select eventstore.require((select count(*) from taken) = cardinality($1::text[]))`

	sqlInsertKeys = `
insert into eventstore.data_keys (tenant, subject, wrapped)
select * from unnest($1::text[], $2::text[], $3::bytea[])`

	// Positions are taken after the append lock and, for each stream, under its row lock.
	sqlInsertEvents = `
insert into eventstore.events (position, id, tenant, stream_kind, stream_id, version, type, revision, payload, personal,
                               secret, subject, actor, cause, correlation, client, recorded_at)
select nextval('eventstore.positions'), e.id, e.tenant, e.kind, e.stream, e.version, e.type, e.revision, e.payload, e.personal,
       e.secret, e.subject, e.actor, e.cause, e.correlation, e.client, $16
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::smallint[], $8::bytea[], $9::bytea[],
              $10::bytea[], $11::text[], $12::text[], $13::uuid[], $14::text[], $15::bytea[])
       as e (id, tenant, kind, stream, version, type, revision, payload, personal, secret, subject, actor, cause, correlation, client)
returning position`

	sqlInsertDeliverables = `
insert into eventstore.deliverables (tenant, event_id, stream_kind, stream_id, version, subject, sealed, expires_at, created_at)
select *, $9::timestamptz
  from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bytea[], $8::timestamptz[])`
)

// The repairing transaction of a group in which some member cannot be written: it finds out who, takes back what those
// members reserved, and writes the rest.
const (
	sqlTakeAppendLock = `select pg_advisory_xact_lock_shared($1)`

	sqlLockStreams = `
select s.tenant, s.kind, s.id, s.version
  from eventstore.streams s
  join unnest($1::text[], $2::text[], $3::text[]) as m (tenant, kind, id) using (tenant, kind, id)
 order by s.tenant, s.kind, s.id
   for update of s`

	sqlTryCreateStreams = `
insert into eventstore.streams (tenant, kind, id, owner, version)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
on conflict do nothing
returning tenant, kind, id`

	sqlTryReleases = sqlReleaseClaims + `
returning c.tenant, c.kind, c.digest`

	sqlTryClaims = `
insert into eventstore.claims (tenant, kind, digest, stream_kind, stream_id)
select * from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[])
on conflict do nothing
returning tenant, kind, digest`

	sqlTryKeys = `
select k.tenant, k.subject
  from eventstore.data_keys k
  join unnest($1::text[], $2::text[]) as m (tenant, subject) using (tenant, subject)`

	sqlDropStreams = `
delete from eventstore.streams s
 using unnest($1::text[], $2::text[], $3::text[]) as m (tenant, kind, id)
 where (s.tenant, s.kind, s.id) = (m.tenant, m.kind, m.id)`
)

// What it takes to open an event of a known stream; who caused it; which stream it is of.
const (
	openColumns   = `position, id, version, type, revision, payload, personal, secret, subject, recorded_at`
	originColumns = `actor, cause, correlation, client`
	eventColumns  = openColumns + `, ` + originColumns + `, tenant, stream_kind, stream_id`
)

const (
	// Each stream is found in the unique index on (stream, version), and comes in that order without being told to. The last two
	// columns say which question a row answers and, beside a stream's first event, with which key it is sealed.
	streamsHead = `
select e.*, asked.number,
       case when e.version = 1 then (select wrapped from eventstore.data_keys k where k.tenant = asked.tenant and k.subject = e.subject) end
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) with ordinality asked (tenant, kind, id, after, number)
 cross join lateral (
       select `
	streamsTail = `
         from eventstore.events
        where tenant = asked.tenant and stream_kind = asked.kind and stream_id = asked.id and version > asked.after
       offset 0) e`
	sqlLoadStreams = streamsHead + openColumns + streamsTail
	sqlReadStreams = streamsHead + openColumns + `, ` + originColumns + streamsTail

	sqlReadBatch = `
select ` + eventColumns + `
  from eventstore.events
 where position > $1 and position <= $2 and (cardinality($3::text[]) = 0 or stream_kind = any ($3))
 order by position
 limit $4`

	sqlChangedStreams = `
select distinct tenant, stream_kind, stream_id
  from eventstore.events
 where position > $1 and position <= $2 and (cardinality($3::text[]) = 0 or stream_kind = any ($3))`

	sqlEventsAt = `
select ` + eventColumns + `
  from eventstore.events
 where position = any ($1)
 order by position`

	sqlStreamHead = `select owner, version from eventstore.streams where tenant = $1 and kind = $2 and id = $3`

	sqlHead = `select coalesce(max(position), 0) from eventstore.events`

	sqlOwnedStreams = `
select s.id
  from eventstore.streams s
  join eventstore.events e
    on e.stream_id = s.id and e.stream_kind = s.kind and e.tenant = s.tenant and e.version = s.version
 where s.tenant = $1 and s.kind = $2 and s.owner = any ($3) and e.type <> $4 and s.id > $5
 order by s.id
 limit $6`

	sqlClaimHolder = `select stream_kind, stream_id from eventstore.claims where tenant = $1 and kind = $2 and digest = $3`
)

const (
	sqlTryStatistics = `select pg_try_advisory_xact_lock($1)`

	// What grows with the log, wherever it stands: read models do as well. Names come quoted.
	sqlTables = `
select c.oid::regclass::text
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('eventstore', 'projection', 'notification') and c.relkind = 'r'
   and pg_has_role(c.relowner, 'usage')`
)

// Sent after sqlHead: a transaction that takes the append lock after the head was read can only take positions above it.
const (
	sqlAppendLockHolders = `
select virtualtransaction
  from pg_locks
 where locktype = 'advisory' and classid = ($1::bigint >> 32)::oid and objid = ($1::bigint & 4294967295)::oid and objsubid = 1
   and database = (select oid from pg_database where datname = current_database())`

	sqlNotifyLog = `select pg_notify('` + channelLog + `', $1)`
)

const (
	// Written so that no statistics, or lack of them, can turn it into a scan of the table.
	sqlDataKeys = `
select wanted.number, k.wrapped
  from unnest($1::text[], $2::text[]) with ordinality wanted (tenant, subject, number)
 cross join lateral (
       select wrapped from eventstore.data_keys where tenant = wanted.tenant and subject = wanted.subject offset 0) k`
	sqlEnsureDataKey = `
with stored as (
    insert into eventstore.data_keys (tenant, subject, wrapped) values ($1, $2, $3)
    on conflict do nothing
    returning wrapped)
select wrapped from stored
union all
select wrapped from eventstore.data_keys where tenant = $1 and subject = $2
limit 1`
	sqlDataKeysAfter = `
select tenant, subject, wrapped
  from eventstore.data_keys
 where (tenant, subject) > ($1, $2)
 order by tenant, subject
 limit $3
   for update`
	sqlRewrapDataKeys = `
update eventstore.data_keys k
   set wrapped = n.wrapped
  from unnest($1::text[], $2::text[], $3::bytea[]) as n (tenant, subject, wrapped)
 where (k.tenant, k.subject) = (n.tenant, n.subject)`

	sqlDeliverable      = `select subject, sealed, expires_at from eventstore.deliverables where tenant = $1 and event_id = $2`
	sqlAwaitingDelivery = `
select d.tenant, d.event_id
  from unnest($1::text[], $2::uuid[]) asked (tenant, event_id)
  join eventstore.deliverables d using (tenant, event_id)`
	sqlDropDeliverable     = `delete from eventstore.deliverables where tenant = $1 and event_id = $2`
	sqlPendingDeliverables = `
select d.tenant, d.event_id, e.position, d.expires_at
  from eventstore.deliverables d
  join eventstore.events e on (e.tenant, e.stream_kind, e.stream_id, e.version) = (d.tenant, d.stream_kind, d.stream_id, d.version)
 where d.created_at < $1
 order by d.created_at
 limit $2`

	// $6 is the window in microseconds, 0 for a budget that never refills.
	sqlSpend = `
insert into eventstore.attempts as a (tenant, stream_kind, stream_id, secret, used, since)
values ($1, $2, $3, $4, 1, $7)
on conflict (tenant, stream_kind, stream_id, secret) do update
   set used  = case when $6::bigint > 0 and a.since + $6 * interval '1 microsecond' <= $7 then 1 else a.used + 1 end,
       since = case when $6::bigint > 0 and a.since + $6 * interval '1 microsecond' <= $7 then $7 else a.since end
 where a.used < $5 or ($6::bigint > 0 and a.since + $6 * interval '1 microsecond' <= $7)
returning used`
	sqlAdvance = `
insert into eventstore.attempts as a (tenant, stream_kind, stream_id, secret, used, since)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant, stream_kind, stream_id, secret) do update
   set used = excluded.used, since = excluded.since
 where a.used < excluded.used
returning used`
	sqlRefund = `delete from eventstore.attempts where tenant = $1 and stream_kind = $2 and stream_id = $3 and secret = $4`

	sqlTake    = `select used, until from eventstore.take($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlForgive = `delete from eventstore.limits where tenant = $1 and name = $2 and digest = $3`
	sqlReturn  = `
update eventstore.limits
   set used = used - 1, blocked = '-infinity'
 where tenant = $1 and name = $2 and digest = $3 and used between 1 and $4`

	// A limit begins before it is forgotten, so the index finds what may be swept; what is still alive is passed over.
	sqlSweepLimits = `
delete from eventstore.limits
 where ctid = any (array(
       select ctid from eventstore.limits
        where since < $1 and forgotten < $1
        order by since limit $2
          for update skip locked))`
	sqlSweepAttempts = `
delete from eventstore.attempts
 where ctid = any (array(
       select ctid from eventstore.attempts where since < $1 order by since limit $2 for update skip locked))`

	// The order is one for all nodes, so that none of them waits for another that waits for it.
	sqlNoteUses = `
insert into eventstore.last_used as l (tenant, subject, at)
select tenant, subject, max(at)
  from unnest($1::text[], $2::text[], $3::timestamptz[]) as used (tenant, subject, at)
 group by tenant, subject
 order by tenant, subject
on conflict (tenant, subject) do update set at = excluded.at where l.at < excluded.at`

	sqlPutBlob = `
insert into eventstore.blobs (tenant, subject, event_id, sealed, put_at) values ($1, $2, $3, $4, $5)
on conflict (subject, event_id, tenant) do update set sealed = excluded.sealed, put_at = excluded.put_at`
	sqlBlob      = `select sealed from eventstore.blobs where tenant = $1 and subject = $2 and event_id = $3`
	sqlDropBlobs = `
delete from eventstore.blobs
 where tenant = $1 and subject = $2 and event_id <> $3 and (event_id = any ($4::uuid[]) or put_at < $5)`

	sqlAnnounce   = `select pg_notify('` + channelCheckpoint + `', $1)`
	sqlCheckpoint = `select position from eventstore.checkpoints where name = $1`
)
