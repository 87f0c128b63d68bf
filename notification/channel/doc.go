// Package channel is the seam between the notifier and whatever carries its messages.
//
// A Message is complete: rendered, addressed, in the recipient's language. A Provider hands it to one carrier and says
// how that ended. Providers of a channel stand in an ordered list; the next one takes over when one fails.
//
// # Outcomes
//
//   - nil: the carrier has taken responsibility for the message.
//   - Permanent: this carrier will never take it (an address it refuses). It is not asked again for this message.
//   - Temporary: the carrier certainly did not take it, but may later.
//   - Uncertain: the connection broke when the carrier may already have taken it. What is sent afterwards is marked as a
//     repeat. Any error that is no *Error counts as Uncertain.
//
// # Rules for providers
//
// Send honours its context, bounds everything it reads, and is safe for concurrent use. Message.ID is the same for every
// attempt at one message and serves as idempotency key where the carrier has one. Neither a message nor a carrier's answer
// appears in a log line: an answer may quote the address. For that reason Error.Error does not print the cause.
package channel
