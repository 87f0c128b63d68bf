// Package user answers questions about people and machines from the read model "users": one by id, many by condition,
// what one can sign in with, what is kept with one, and keys and tokens.
//
// # What a viewer sees
//
// Oneself, always. Anybody else with the permission user.read on that user's organization. The check comes before
// everything that could tell whether a user exists:
//
//   - Who holds user.read nowhere gets permission_denied for every id but the own one, known or unknown.
//   - Who holds it somewhere gets not_found for an unknown or deleted id, and permission_denied for a user of an
//     organization where it is missing.
//   - What one user has is denied as the user is. To who may ask, an unknown or deleted id is a user without anything.
//   - A list is narrowed to readable rows by the statement itself, so pages are full and totals are exact. Who may read
//     nobody sees oneself.
//
// # Reading by id
//
// One prepared statement joins the head of the user's stream with the user's row, both by primary key. The two versions
// in it say whether the row is fresh (see package query). Callers who ask while a statement is on its way share the next
// one ([github.com/signet-iam/signet/eventstore.Group]). The columns are taken from the wire without reflection, all texts of a row in one allocation.
//
// What one user has is asked for user by user: one statement joins the stream's head, the user's row and the rows in
// question. The projection writes them in one transaction, so that the row's version vouches for them too.
//
// # Listing
//
// A list is one round trip of two statements: first the model's checkpoint, the log's last position and the total, in
// one snapshot; then the rows, in a later one. A total and a page that a write fell between are reconciled from the page
// where that is possible. Keys and tokens of many users are listed in the same way.
//
// Conditions form a tree of [Filter] values, at most [MaxDepth] levels deep and [MaxNodes] nodes large. Values only ever
// travel as parameters; the text of a statement depends on nothing but the shape of the tree, the sort order, the scope
// of the viewer and a few classes of page size. Small shapes stay prepared; large ones, which a caller could make up
// without end, are planned each time so that they cannot push the small ones out of the statement cache.
//
// Negation follows SQL's three values over fields that only people have: a machine matches neither such a condition
// nor its negation. Writing the tree moves negations down to the conditions, where each states itself that it is about
// people; this keeps every condition in a form that finds its index.
//
// Lower case is made in Go for both sides of a comparison, and all text compares byte by byte (see package
// projection/users), so a list comes out the same on every machine. A prefix is a range of an index. Contains and
// ends-with use the trigram index where the database has one and the value three characters; what most users match is
// slow for its total all the same (a quarter of a second for 100,000 users).
//
// # Limits
//
// A page holds [query.DefaultLimit] rows unless asked otherwise and [query.MaxLimit] at most; a larger limit is refused, not cut,
// because a caller that steps by its own limit would skip rows. Lists of ids and addresses hold [query.MaxListed] values,
// texts [query.MaxText] bytes.
package user
