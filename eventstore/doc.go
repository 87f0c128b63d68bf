// Package eventstore is the log: streams of events in one Postgres database, appended in groups, read in one order.
//
// # Invariants
//
//   - A stream's versions run from 1 without gaps. A change names the version it was decided on (Change.Expected) and is
//     written only if the stream is still there; otherwise Append returns ErrConflict and the caller decides again.
//   - A claim belongs to one stream of a tenant. Taking and releasing claims is part of the append.
//   - Positions grow in commit-safe order: a reader that stays at or below HighWater never meets a gap that is filled
//     later, and sees each stream in its order.
//   - An acknowledged append is durable; a change that is refused leaves nothing behind.
//
// # Group commit
//
// Appends of one process queue up; a small number of committers each take all that is waiting and write it as one
// transaction in one round trip, so an idle process pays no delay and a busy one shares its commits. Members of a group
// never share a stream, a claim or a data key. When a member cannot be written the database ends the whole transaction
// (SQLSTATE SG001) and the committer runs the group again in a repairing form of three round trips, which writes the others
// and tells each refused member why. A group that Postgres refuses for any other reason is written member by member.
//
// # Group read
//
// Questions of one kind that many callers ask at once, for streams, data keys, rows by id, share statements in the same way
// ([Group]). A statement starts after all its questions were asked, so each of them sees every write acknowledged before it.
//
// # Blobs
//
// What belongs to an event and is too large for the log, a picture, lies beside it, sealed ([Blob]). It is put before the event is
// appended and found by the event's id, so that an event never names what is not there.
//
// # High water
//
// Positions come from a sequence, so transactions may commit out of position order. Every append holds a shared advisory
// lock from before it takes positions until it has committed. One goroutine per process reads the last committed position
// and then the holders of that lock; once those holders are gone, every position up to that one is committed or will never
// be. This is independent of other transactions in the cluster, of clocks and of transaction ids, and survives dump and
// restore and a crash of Postgres.
//
// The goroutine is woken by this process's commits and by NOTIFY from others; a slow poll is the net under a lost
// notification.
//
// # Failure
//
// When Postgres is away, calls fail with ErrUnavailable and the store's goroutines reconnect by themselves. An append that
// ends with ErrUnavailable may have been written; its caller learns so by loading the stream again.
package eventstore
