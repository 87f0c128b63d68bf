// Package history tells people what happened to their own account: each event of their stream, when, and by whom.
//
// # What a viewer sees
//
// The own stream, and nothing else: no request names a user. An id may be used again after a user was removed, and whoever has it
// then learns nothing of the one before: the list begins with the event that began the present life.
//
// An event is its type, its moment, its place in the stream and who caused it. No part of an event's content is read, so nothing is
// opened and nothing personal can leak, and a person whose data key is gone still has a history. The names of who caused an event are
// those of the read model "users" today, whichever organization they are of; those of a removed user are empty.
//
// # Paging
//
// Pages are cut at versions, which count the events of a stream from 1 on without gaps: a page is a range of the index on streams
// and versions, read from one end and to its size. The last page of ten thousand events costs what the first does, pages stay put
// while the stream grows, and the total follows from the versions without counting.
//
// # Freshness
//
// The events come from the log itself. Where the present life begins, and the names, come from the read model, and the answer waits
// for it as every other does (see package query).
//
// # Limits
//
// A page holds [query.DefaultLimit] events unless asked otherwise and [query.MaxLimit] at most; a larger limit is refused, not cut.
package history
