-- What belongs to an event and is too large for it, sealed with the key of its subject. It is written before the event that names
-- it; a row that no event names is of no use to anybody.
create table eventstore.blobs (
    tenant   text collate "C" not null,
    subject  text collate "C" not null,
    event_id uuid not null,
    sealed   bytea not null,
    put_at   timestamptz not null,
    primary key (subject, event_id, tenant)
);
-- Sealed bytes do not compress.
alter table eventstore.blobs alter column sealed set storage external;
