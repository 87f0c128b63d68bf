// Package inbox is the provider for installations that have none: instead of sending, it keeps each message where an
// administrator can read it.
//
// # Table
//
// notification.inbox_messages, one row a message:
//
//	id               uuid primary key  the event that announced the code; a second insert changes nothing
//	seq              bigint            place in the inbox, unique, with gaps; grows in commit order, so a reader
//	                                   that has seen seq n has seen everything before it
//	tenant           text
//	recipient_digest bytea             vault.Digest(tenant, DigestPurpose, NormalizeRecipient(recipient))
//	subject_user     text              id of the user; owner of the data key
//	channel          text              "email" or "sms"
//	kind             text              "email_verification", "phone_verification", "password_reset",
//	                                   "invitation", "passkey_registration" or "sign_in"
//	sealed           bytea             eventv1.InboxContent, binary protobuf, sealed with the data key of
//	                                   (tenant, subject_user); binding = Binding(id) = "inbox:" + id in its
//	                                   36-character lower-case form
//	repeat           bool              an earlier attempt ended without a recorded outcome
//	sent_at          timestamptz
//
// Indexes: (tenant, seq) for the newest of all, (tenant, recipient_digest, seq) for the newest of one recipient.
// Every insert moves and announces the checkpoint "inbox" to Position(seq), so a reader waits for what comes after seq n
// with Store.Await(ctx, "inbox", n+1).
//
// # Invariants
//
// No column holds a code, an address or a text in the open. Once a user is erased, the data key is gone and with it
// the content; the row stays as an empty shell until it ages out, and readers leave it out. Send is idempotent: exactly
// one row an event, however often it is called. Sweep keeps the newest 10,000 rows of a tenant and none older than 7
// days.
//
// # Failure
//
// Send fails as temporary when Postgres cannot be reached and as permanent when the user's data key is gone.
package inbox
