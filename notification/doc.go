// Package notification brings codes to people: it follows the log, and for every code that is to travel by email or SMS it
// sees to it that one message leaves, or that the log says why none did.
//
// # Parts
//
//   - The relay reads the log behind the checkpoint "notification" and publishes a reference to each code event to the
//     JetStream stream SIGNET_NOTIFICATION, subject signet.notification.<tenant>.<channel>. One process at a time relays
//     (lease with term). The checkpoint moves only after JetStream acknowledged.
//   - Workers of every process share one durable consumer a channel. A worker reads the event back, finds the deliverable,
//     folds the user, renders, and asks the channel's providers in order until one takes the message.
//   - The reconciler, beside the relay, looks for deliverables that nobody has settled: it publishes the living ones again
//     and closes the expired ones.
//
// # Notices
//
// A notice tells somebody what has happened: that the password changed. It has no code; the event has a deliverable beside it where
// the policy of the organization wanted the notice when the event was recorded. It goes to the address of that time, so that whoever
// takes an account over by a new password and a new address cannot keep it from its owner.
//
// # What a message between them holds
//
// Position, event id and tenant. Codes, addresses and names never enter JetStream: the code is read from the deliverable,
// which is sealed and gone once settled, the address from the log.
//
// # The stream of a delivery
//
// Each code event has a stream of kind "delivery" whose id is the event's id:
//
//	(none) ──attempted──► open ──sent──────► settled
//	                       │ ▲ ──abandoned─► settled
//	                 failed│ │attempted
//	                       ▼ │
//	                      idle ──abandoned─► settled
//
// An attempt is recorded before the provider is asked, under the stream's version, so of two workers one proceeds. An
// attempt without an outcome is taken for alive until it is older than Timing.AttemptLease, unless it was made by this
// very process, which knows what it is doing. Only then is the message sent again, marked as a repeat, because the
// recipient may have it already. That is the one way in which a message leaves twice, and the log and the message say so.
//
// # Invariants
//
//   - No replay sends. A message leaves only while its deliverable exists, its code lives and its delivery stream is not
//     settled; a rebuilt or reset checkpoint changes none of that.
//   - Commands and reads never wait for NATS or for a carrier. With NATS away the relay waits and the log keeps the work.
//   - A code that is void (a later code, a verified or changed address, too many guesses, a removed or erased user) is not
//     sent: it is abandoned with the reason.
//   - A code is dead at its end of life: retries back off until then, and delivery.abandoned "expired" is the last word.
//   - Codes, addresses and names appear in no log line.
//
// # Failure
//
// Everything that fails is tried again with growing pauses: acquiring the lease, reaching NATS, a worker's reads and
// appends, a carrier. Lost JetStream data is republished by the reconciler. A reference that cannot be understood is
// dropped with a log line, for the reconciler finds its deliverable anyway. Run returns only when its context ends; work in
// hand then has Timing.Drain to finish, so that an ordinary stop leaves no open attempt behind.
package notification
