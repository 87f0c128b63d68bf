-- Attempts of somebody, known by a keyed digest, under a limit. The index is on a column that no attempt changes: an attempt
-- writes the row alone (HOT updates).
create table eventstore.limits (
    tenant    text collate "C" not null,
    name      text collate "C" not null,
    digest    bytea not null,
    used      integer not null,
    since     timestamptz not null, -- when the row was made
    blocked   timestamptz not null, -- no attempt before
    forgotten timestamptz not null, -- without an attempt until then the count begins anew; not before blocked
    primary key (digest, name, tenant)
) with (fillfactor = 80);
create index limits_by_age on eventstore.limits (since);

-- What is long over is swept.
create index attempts_by_age on eventstore.attempts (since);

-- When the attempt after the n-th is free: the first so many are at once, then each waits twice as long as the one before.
create function eventstore.blocked(n integer, free integer, delay bigint, bound bigint, at timestamptz) returns timestamptz
    language sql immutable
as $$
select case when n < free then '-infinity'::timestamptz
            else at + least(bound, delay * 2::float8 ^ least(n - free, 62)) * interval '1 microsecond' end
$$;

-- Counts attempts under several limits, all or none of them, and returns how many each has now. When one of them is blocked nothing
-- is counted: used is empty, and until says when the last of them is free. Callers sort by digest, so that two of them lock in one
-- order. Somebody who is blocked costs one read; only who becomes blocked while the statement waits for a row has to take back what
-- it counted. Durations are in microseconds.
create function eventstore.take(
    whose text, names text[], digests bytea[], free integer[], delays bigint[], bounds bigint[], forgets bigint[], at timestamptz,
    out used integer[], out until timestamptz)
    language plpgsql
    set enable_seqscan = off
as $$
#variable_conflict use_column
declare
    counted integer;
begin
    loop
        used := '{}';
        select max(l.blocked) into until
          from unnest(names, digests) as asked (name, digest)
         cross join lateral (
               select blocked from eventstore.limits
                where digest = asked.digest and name = asked.name and tenant = whose offset 0) l
         where l.blocked > at;
        if until is not null then
            return;
        end if;
        begin
            for i in 1 .. cardinality(digests) loop
                insert into eventstore.limits as l (tenant, name, digest, used, since, blocked, forgotten)
                values (whose, names[i], digests[i], 1, at, eventstore.blocked(1, free[i], delays[i], bounds[i], at),
                        at + forgets[i] * interval '1 microsecond')
                on conflict (digest, name, tenant) do update
                   set (used, blocked) = (
                       select next.n, eventstore.blocked(next.n, free[i], delays[i], bounds[i], at)
                         from (values (case when l.forgotten <= at then 1 else l.used + 1 end)) as next (n)),
                       forgotten = excluded.forgotten
                 where l.blocked <= at
                returning l.used into counted;
                if not found then
                    raise exception 'blocked meanwhile' using errcode = 'SG002';
                end if;
                used := used || counted;
            end loop;
            return;
        exception when sqlstate 'SG002' then -- the next look finds who blocks
        end;
    end loop;
end
$$;
