// Package inbox reads the messages that an installation without mail and text message providers keeps instead of sending.
//
// Messages hold live codes and the addresses of other people, so every question needs the permission inbox.read on the
// whole tenant; there is no reading of the own messages, because the code in them proves access to the address.
//
// # Where it reads
//
// The table notification.inbox_messages, whose writer is the inbox channel of package notification. Content is sealed
// with the data key of the user it was meant for and bound to the message's id; recipients are found by keyed digest.
// Both sides agree on three small things, which a test holds together: how a recipient is normalized, the purpose of
// the digest and the form of the binding. A message of an erased user cannot be opened any more and is left out.
//
// # Waiting
//
// The writer numbers messages in the order of their commits and announces each number as a checkpoint of the log, so
// [Queries.Wait] sleeps until one above what it has seen is announced. Should an announcement get lost, it looks again by
// itself after [recheck]. It holds no connection while it sleeps.
//
// # Failure
//
// [ErrNone] says that no message came in time; it is a context.DeadlineExceeded. Everything else is as in package query.
package inbox
