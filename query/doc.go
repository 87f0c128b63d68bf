// Package query is the read side's common ground: who asks, how fresh an answer must be, and what a read model that
// lags behind means for the question.
//
// # Freshness
//
// By default an answer holds every write that was acknowledged before the question was asked, whichever node took the
// write and whichever node is asked ([Strong]). A query never runs a projection to get there. It finds out in the
// statements that read the answer anyway whether the read model is new enough, and only when it is not does it wait for
// the projection and ask once more:
//
//   - A read by id compares the version of the row with the version of the stream it was folded from, in its one
//     statement. It waits only when that very stream has events the model has not taken in ([Model.One]).
//   - A list compares the model's checkpoint with the last committed position. Both stand in one snapshot, and the rows
//     are read in the same or a later one, so a checkpoint that suffices vouches for the rows ([Model.Many]).
//
// While a new program builds its tables the views are still those of an earlier one; what they do not show is [ErrBehind]
// too.
//
// The wait is bounded ([DefaultTimeout] unless the caller says otherwise). When it ends in vain the answer is the
// refusal [ErrBehind], never old data. What was written after the question was asked is not waited for: a busy log does
// not starve its readers.
//
// A caller may ask for less: with [Consistency.MinPosition] for its own write only, with [Eventual] for whatever is
// there.
//
// # Parked streams
//
// A projection that cannot apply an event sets its stream aside and goes on with all others. A read by id of such a
// stream fails with [ErrBehind] until an operator has dealt with it. Lists go on, because one damaged stream must not
// take away every list of a tenant; their answers say that they may lack something ([Reflected.Incomplete]).
//
// # Lists
//
// A list is two statements ([Statements]): how far the read model is and how many rows match, then the rows of one [Page]. A [Search]
// runs them. A page holds [DefaultLimit] rows unless asked otherwise and [MaxLimit] at most; a larger limit is refused, not cut, because
// a caller that steps by its own limit would skip rows.
//
// Conditions are written by [Conditions] and [Where]. Values only ever travel as parameters. A request has [MaxFilters] conditions, lists
// of ids hold [MaxListed] values together, texts [MaxText] bytes. Lists of many conditions are planned each time, so that nobody can push
// the others out of the connections' statement caches.
//
// # Refusals and faults
//
// Refusals are [*failure.Error] values. A database that cannot be reached is [ErrUnavailable]; whatever else the database
// says is a fault and stays wrapped, for logs only.
//
// The packages beneath hold one topic of the API each: [github.com/signet-iam/signet/query/user],
// [github.com/signet-iam/signet/query/audit] and [github.com/signet-iam/signet/query/inbox].
package query
