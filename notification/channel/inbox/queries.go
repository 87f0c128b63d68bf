package inbox

const (
	// Inserts stand in line, so that seq grows in commit order: a reader that waits for seq n+1 cannot miss a smaller
	// one that commits later. The number is "inbox" in ASCII.
	lockInserts = `select pg_advisory_xact_lock(x'696e626f78'::bigint)`

	// The checkpoint is what a waiter finds when the notification got lost.
	insertMessage = `
with stored as (
    insert into notification.inbox_messages
           (id, tenant, recipient_digest, subject_user, channel, kind, sealed, repeat, sent_at)
    values (@id, @tenant, @recipient_digest, @subject_user, @channel, @kind, @sealed, @repeat, @sent_at)
    on conflict (id) do nothing
    returning seq
)
insert into eventstore.checkpoints (name, generation, position, term, updated_at)
select @checkpoint, 1, seq, 0, now() from stored
on conflict (name) do update set position = excluded.position, updated_at = excluded.updated_at
returning position`

	// A scan of a table that is kept short.
	deleteOld = `delete from notification.inbox_messages where sent_at < $1`

	// Index (tenant, seq) finds the last row to go of each tenant. Materialized, because it is to be looked up once a
	// tenant and not once a row.
	deleteBeyond = `
with beyond as materialized (
    select t.tenant,
           (select k.seq from notification.inbox_messages k
             where k.tenant = t.tenant
             order by k.seq desc offset $1 limit 1) as last
      from (select distinct tenant from notification.inbox_messages) t
)
delete from notification.inbox_messages m
 using beyond
 where m.tenant = beyond.tenant and m.seq <= beyond.last`
)
