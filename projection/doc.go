// Package projection turns the log into read models and keeps them there.
//
// A Model is a reducer and its tables. Everything else is the runner's: who may write (a lease), how far the tables are
// (a checkpoint), what happens to an event that cannot be applied (parking), and how a model is built anew while it is
// being read (generations).
//
// What folds have in common is here too: Take decodes and hands on, Rows holds rows between the log and the tables, Script is for
// models that need not know their rows.
//
// # Lease, term, checkpoint
//
// One process at a time runs a projection. It holds the lease "projection:<name>": a session lock of that name on the
// connection it works with, and a row with a term that grows with every change of holder. The lock sees the death of a
// process at once; the row runs out when its holder hangs or its machine is gone, and whoever finds that ends the session
// that still has the lock. The lease only prevents needless work. What makes two holders harmless is the fence: a batch
// starts by moving the checkpoint from the position, generation and term it knows, and when that row has moved on,
// nothing of the batch is written.
//
// Rows and checkpoint commit in one transaction, without waiting for the disk (synchronous_commit=off): a crash of
// Postgres may lose the newest batches, rows and checkpoint together, and they are taken from the log again. The log
// itself is never written that way. A checkpoint goes up to the bound that was read, also across events of streams the
// model does not follow, so that a list reader may compare it with the last position of the whole log. Most batches are news to one
// model only; the others move their checkpoints together, in one transaction.
//
// # Parking
//
// An event that cannot be applied parks its stream: the position and the reason go to eventstore.parked, later events
// of that stream wait, every other stream goes on. Retry and skip are events of the stream "projection/<name>" and take
// effect in log order when the projection reads them, so that a rebuild repeats them. A batch that Postgres refuses is
// halved until the event is found.
//
// # Generations
//
// The tables of a model carry a generation number, its views show the live one. A rebuild fills the next generation
// beside the live one and swaps views, generation and parked streams in one transaction that holds the checkpoint's row;
// the runner notices by its next, empty, update. A model whose Revision grew is rebuilt by the first process that knows
// it; a process whose model is older than the tables stands aside. Verify fills a generation up to the live checkpoint
// and compares the digests of rows.
//
// # Failure
//
// Postgres being gone is waited out with a growing pause. ErrBusy: a rebuild or verification is under way. ErrNotParked:
// nothing to retry or skip. Texts of parked events name a cause, never a value.
package projection
