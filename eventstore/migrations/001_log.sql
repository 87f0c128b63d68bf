-- Identifiers compare byte by byte: cheaper than any locale, and the same order on every machine. Keys begin with the column
-- that differs most, so that a comparison ends there: lookups always name all of them.
create sequence eventstore.positions as bigint cache 1;

create table eventstore.streams (
    tenant  text collate "C" not null,
    kind    text collate "C" not null,
    id      text collate "C" not null,
    owner   text collate "C" not null,
    version bigint not null,
    primary key (id, kind, tenant)
) with (fillfactor = 80); -- room for the next version on the same page (HOT updates)

create table eventstore.events (
    position    bigint primary key,
    id          uuid not null,
    tenant      text collate "C" not null,
    stream_kind text collate "C" not null,
    stream_id   text collate "C" not null,
    version     bigint not null,
    type        text collate "C" not null,
    revision    smallint not null,
    payload     bytea not null,
    personal    bytea,
    secret      bytea,
    subject     text collate "C" not null,
    actor       text collate "C" not null,
    cause       uuid,
    correlation text not null,
    client      bytea,
    recorded_at timestamptz not null,
    -- Reads of one stream, and the last defence of its order.
    unique (stream_id, stream_kind, tenant, version)
);

-- The change history asks by actor and by type, newest first. Each grows at the right edge of one actor or type.
create index events_by_actor on eventstore.events (tenant, actor, position);
create index events_by_type on eventstore.events (tenant, type, position);
-- Time follows position, so a block range index answers "since" and "until" at almost no cost. The newest ranges are
-- summarized by vacuum; asking for that at each new range floods the server's log under load.
create index events_by_time on eventstore.events using brin (recorded_at) with (pages_per_range = 32);

create table eventstore.claims (
    tenant      text collate "C" not null,
    kind        text collate "C" not null,
    digest      bytea not null,
    stream_kind text collate "C" not null,
    stream_id   text collate "C" not null,
    primary key (digest, kind, tenant)
);

create table eventstore.data_keys (
    tenant  text collate "C" not null,
    subject text collate "C" not null,
    wrapped bytea not null,
    primary key (tenant, subject)
);

create table eventstore.deliverables (
    tenant      text collate "C" not null,
    event_id    uuid not null,
    stream_kind text collate "C" not null,
    stream_id   text collate "C" not null,
    version     bigint not null,
    subject     text collate "C" not null,
    sealed      bytea not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    primary key (event_id, tenant)
);
-- The reconciler looks for the oldest.
create index deliverables_by_age on eventstore.deliverables (created_at);

create table eventstore.attempts (
    tenant      text collate "C" not null,
    stream_kind text collate "C" not null,
    stream_id   text collate "C" not null,
    secret      text collate "C" not null,
    used        integer not null,
    since       timestamptz not null,
    primary key (tenant, stream_kind, stream_id, secret)
) with (fillfactor = 80);

create table eventstore.checkpoints (
    name       text collate "C" primary key,
    generation integer not null,
    position   bigint not null,
    term       bigint not null,
    updated_at timestamptz not null
) with (fillfactor = 50);

create table eventstore.leases (
    name       text collate "C" primary key,
    holder     text not null,
    term       bigint not null,
    expires_at timestamptz not null
) with (fillfactor = 50);

create table eventstore.parked (
    projection  text collate "C" not null,
    tenant      text collate "C" not null,
    stream_kind text collate "C" not null,
    stream_id   text collate "C" not null,
    position    bigint not null,
    attempts    integer not null,
    error       text not null,
    parked_at   timestamptz not null,
    primary key (projection, tenant, stream_kind, stream_id)
);

-- Ends the transaction of a group in which some member cannot be written.
create function eventstore.require(held boolean) returns void
    language plpgsql
as $$
begin
    if not held then
        raise exception 'a member of the group cannot be written' using errcode = 'SG001';
    end if;
end
$$;
