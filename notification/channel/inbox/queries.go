package inbox

const (
	// Inserts stand in line, so that seq grows in commit order: a reader that waits for seq n+1 cannot miss a smaller
	// one that commits later. The number is "inbox" in ASCII.
	lockInserts = `select pg_advisory_xact_lock(x'696e626f78'::bigint)`

	insertMessage = `
insert into notification.inbox_messages
       (id, tenant, recipient_digest, subject_user, channel, kind, sealed, repeat, sent_at)
values (@id, @tenant, @recipient_digest, @subject_user, @channel, @kind, @sealed, @repeat, @sent_at)
on conflict (id) do nothing
returning seq`

	// A scan of a table that is kept short.
	deleteOld = `delete from notification.inbox_messages where sent_at < $1`

	// Index (tenant, seq) finds the last row to keep of each tenant.
	deleteBeyond = `
delete from notification.inbox_messages m
 using (select t.tenant,
               (select k.seq from notification.inbox_messages k
                 where k.tenant = t.tenant
                 order by k.seq desc offset $1 limit 1) as last_gone
          from (select distinct tenant from notification.inbox_messages) t) beyond
 where m.tenant = beyond.tenant and m.seq <= beyond.last_gone`
)
