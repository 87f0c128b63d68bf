package inbox

const (
	// Both orders and the narrowing by recipient have their index: (tenant, seq) and (tenant, recipient_digest, seq).
	sqlMessages = `
select seq, id, channel, kind, subject_user, sealed, repeat, sent_at
  from notification.inbox_messages
 where tenant = $1 and seq > $2`

	sqlNewest = `select coalesce(max(seq), 0) from notification.inbox_messages where tenant = $1`
)
