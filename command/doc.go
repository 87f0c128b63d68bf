// Package command is the write side: it turns a request into events, and is the only way into the log.
//
// A command loads the state of one stream, decides, and appends what it decided together with the version it decided on.
// The decision is a function of the state and the request: it returns events, claims, codes on their way to a person, or
// a refusal. Each aggregate has a package of its own (user, organization, instance) with its state, its decisions and the
// permissions they need; this package holds what all of them share.
//
// Executor keeps folded states in a bounded cache. A cached state may be behind the log, and that does no harm:
//
//   - an append on a state that is behind ends in a conflict; the executor folds the missing events and decides again. It
//     never sends the events of an earlier decision a second time;
//   - a decision that appends nothing (a refusal, "nothing changed") counts only once the stream has been read up to its end.
//
// What commands look at all the time beside their own stream, policies and organizations, is not read each time: Recent remembers
// it, forgets what this process appends before the append is acknowledged, and what others do as soon as Follower hears of it.
//
// Writers of one process that meet on a stream queue up after their first conflict, so that each of them gets its turn.
//
// Refusals are *failure.Error and safe to show. A log that cannot be reached is a refusal of kind Unavailable, and so is a
// stream on which other writers won every time. Every other error is a fault and belongs into the log file only.
package command
