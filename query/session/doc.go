// Package session answers questions about who is signed in from the read model "sessions": one session by id, many by
// condition.
//
// # What a viewer sees
//
// The sessions about oneself and those one began, always. Any other with the permission session.read on the organization of
// the session's user; a session without a user belongs to no organization and needs the permission on the whole tenant.
// Whoever has shown a session's token sees it ([GetRequest.Shown]).
//
//   - Who holds session.read nowhere gets permission_denied for every id but those of the own sessions, known or unknown.
//   - Who holds it somewhere, or has shown the token, gets not_found for an unknown or ended session, and permission_denied
//     for one of an organization where the permission is missing.
//   - A list is narrowed to readable rows by the statement itself, so pages are full and totals are exact.
//
// # Reading by id
//
// One statement joins the head of the session's stream with the session's row, both by primary key; the two versions in it
// say whether the row is fresh (see package query). A session that has ended has no row: where row and stream differ, the
// statement asks the log whether the stream's last event is the end, so that nobody waits for a row that never comes.
//
// # Names
//
// The login name and the display name are those of the read model "users", and are as fresh as the rest of the answer: a
// name that was changed before the question was asked is not shown any more.
//
// # Listing
//
// A list is one round trip of two statements: first the checkpoints of both models, the log's last position and the total,
// in one snapshot; then the rows, in a later one. Values only ever travel as parameters. Lists of many conditions are
// planned each time, so that nobody can push the others out of the statement cache.
//
// A session that expired is listed, with the moment at which it did, until it is ended.
//
// Lists have the limits of package query.
package session
