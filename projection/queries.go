package projection

import "github.com/signet-iam/signet/eventstore"

// Advisory lock keys. They are part of the database's contract between nodes: never change them.
const (
	migrationLock  int64 = 0x7369676e_00000003
	leaseNamespace int64 = 0x7369676e_00000004 // seed of the session locks' keys
)

const (
	sqlSchema = `
create schema if not exists projection;

-- The live generation of each model, and the revision of the reducer that fills it.
create table if not exists projection.models (
    name       text collate "C" primary key,
    revision   integer not null,
    generation integer not null
);

-- Every generation whose tables exist, so that those of a crashed rebuild are found again.
create table if not exists projection.generations (
    name       text collate "C" not null,
    generation integer not null,
    tables     text[] not null,
    created_at timestamptz not null default now(),
    primary key (name, generation)
);

-- Ends the transaction of a batch whose writer is no longer, or not yet, the one to write it.
create or replace function projection.fence(held boolean) returns void
    language plpgsql
as $$
begin
    if held is not true then
        raise exception 'the checkpoint has moved on' using errcode = 'SG101';
    end if;
end
$$;`

	sqlMigrationLock = `select pg_advisory_xact_lock($1)`

	sqlLive = `
select m.generation, m.revision, c.position, c.term
  from projection.models m
  join eventstore.checkpoints c using (name)
 where m.name = $1`

	sqlAddModel      = `insert into projection.models (name, revision, generation) values ($1, $2, $3)`
	sqlAddCheckpoint = `
insert into eventstore.checkpoints (name, generation, position, term, updated_at) values ($1, $2, 0, 0, now())
on conflict (name) do update set generation = excluded.generation, position = 0, updated_at = now()`

	sqlNextGeneration = `
select greatest(coalesce((select max(generation) from projection.generations where name = $1), 0),
                coalesce((select generation from projection.models where name = $1), 0)) + 1`
	sqlAddGeneration     = `insert into projection.generations (name, generation, tables) values ($1, $2, $3)`
	sqlDropGeneration    = `delete from projection.generations where name = $1 and generation = $2`
	sqlUnusedGenerations = `
select g.generation, g.tables
  from projection.generations g
  join projection.models m using (name)
 where g.name = $1 and g.generation <> m.generation
 order by g.generation`

	sqlExtensions = `select extname from pg_extension`
)

// Leases. The last parameter is the caller's clock, or null for the database's.
const (
	sqlSessionLock = `select pg_try_advisory_lock(hashtextextended($1, $2))`

	// Ends the session of a holder whose lease ran out: it hangs, and may hold the checkpoint's row too.
	sqlEndHolder = `
select pg_terminate_backend(k.pid)
  from pg_locks k
  join eventstore.leases l on l.name = $1
 where k.locktype = 'advisory' and k.granted and k.objsubid = 1
   and k.database = (select oid from pg_database where datname = current_database())
   and (k.classid::bigint << 32) | k.objid::bigint = hashtextextended($1, $2)
   and l.expires_at <= coalesce($3::timestamptz, clock_timestamp()) and l.holder <> ''`

	// Only who has the session lock takes the lease.
	sqlTakeLease = `
insert into eventstore.leases as l (name, holder, term, expires_at)
values ($1, $2, 1, coalesce($4::timestamptz, clock_timestamp()) + $3::bigint * interval '1 microsecond')
on conflict (name) do update
   set holder = excluded.holder, term = l.term + 1, expires_at = excluded.expires_at
returning term`

	sqlRenewLease = `
update eventstore.leases
   set expires_at = coalesce($4::timestamptz, clock_timestamp()) + $3::bigint * interval '1 microsecond'
 where name = $1 and term = $2`

	sqlLeaseHeld = `
select exists (select from eventstore.leases
                where name = $1 and holder <> '' and expires_at > coalesce($2::timestamptz, clock_timestamp()))`

	sqlSessionUnlock = `select pg_advisory_unlock(hashtextextended($1, $2))`

	sqlReleaseLease = `
update eventstore.leases set holder = '', expires_at = coalesce($3::timestamptz, clock_timestamp())
 where name = $1 and term = $2`
)

const (
	sqlTakeCheckpoint = `
update eventstore.checkpoints c
   set term = $2, updated_at = now()
  from projection.models m
 where c.name = $1 and c.term <= $2 and m.name = c.name and m.generation = c.generation and m.revision = $3
returning c.generation, c.position`

	// The first statement of a batch: it moves the checkpoint and announces that. It also holds the row until the batch commits, which
	// is what a swap waits for.
	sqlMoveCheckpoint = `
with moved as (
    update eventstore.checkpoints set position = $5, updated_at = now()
     where name = $1 and generation = $2 and term = $3 and position = $4
    returning name, position)
select projection.fence(count(*) = 1)
  from moved, ` + eventstore.AnnounceSQL

	// Several at once. The row of one that is about to be swapped is left alone.
	sqlMoveCheckpoints = `
with asked as (
    select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[])
                  as a (name, generation, term, position, up_to)
), free as (
    select c.name, a.up_to
      from asked a
      join eventstore.checkpoints c using (name, generation, term, position)
       for update of c skip locked
), moved as (
    update eventstore.checkpoints c set position = free.up_to, updated_at = now()
      from free
     where c.name = free.name
    returning c.name, c.position)
select moved.name
  from moved, ` + eventstore.AnnounceSQL

	sqlLockCheckpoint = `select position from eventstore.checkpoints where name = $1 for update`

	sqlSwapCheckpoint = `
update eventstore.checkpoints set generation = $2, position = $3, updated_at = now() where name = $1`
	sqlSwapModel = `update projection.models set revision = $2, generation = $3 where name = $1`
)

const (
	sqlParked = `
select tenant, stream_kind, stream_id, position, attempts, error, parked_at
  from eventstore.parked where projection = $1 order by position`

	sqlPark = `
insert into eventstore.parked (projection, tenant, stream_kind, stream_id, position, attempts, error, parked_at)
values ($1, $2, $3, $4, $5, $6, $7, now())
on conflict (projection, tenant, stream_kind, stream_id) do update
   set position = excluded.position, attempts = excluded.attempts, error = excluded.error, parked_at = now()`

	sqlUnpark = `
delete from eventstore.parked where projection = $1 and tenant = $2 and stream_kind = $3 and stream_id = $4`

	sqlUnparkAll = `delete from eventstore.parked where projection = $1`
)

const sqlStatus = `
select m.name, m.generation, m.revision, c.position, c.term, c.updated_at,
       case when l.expires_at > coalesce($1::timestamptz, clock_timestamp()) then l.holder else '' end
  from projection.models m
  join eventstore.checkpoints c using (name)
  left join eventstore.leases l on l.name = 'projection:' || m.name
 order by m.name`
