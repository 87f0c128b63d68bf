create table notification.inbox_messages (
    -- The event that announced the code: the same message cannot be stored twice.
    id               uuid primary key,
    seq              bigint generated always as identity,
    tenant           text collate "C" not null,
    recipient_digest bytea not null,
    subject_user     text collate "C" not null,
    channel          text collate "C" not null,
    kind             text collate "C" not null,
    sealed           bytea not null,
    repeat           boolean not null,
    sent_at          timestamptz not null
);

-- The newest messages of a tenant, and the first ones beyond the retained number.
create unique index inbox_messages_by_seq on notification.inbox_messages (tenant, seq);
-- The newest messages to one recipient.
create index inbox_messages_by_recipient on notification.inbox_messages (tenant, recipient_digest, seq);
