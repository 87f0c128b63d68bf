// Package access tells who stands behind a bearer token.
//
// There are three kinds, told apart by their form:
//
//   - A personal access token ("sgt_") is found by its claim in the log, and is good while the user that holds it lists it, is
//     active, and it is not expired.
//   - A session token ("sgs_") names its session, and is good while it is the one that the session has now.
//   - An access token is a JSON Web Token that package accesstoken verifies. It names its session too.
//
// The latter two stand for a user while the session is good (package session), which is looked at in the log and not in the
// token. What was found is cached by the token's digest; the token itself is kept nowhere.
//
// # Freshness
//
// A cached answer ends when the log has an event of its session, of its user or the user's memberships, of the user's
// organization, of a project on a grant of which the user holds roles, or of the instance. Observe is to be called with every
// event that this process appends, before it is acknowledged, and Changed with the streams that other nodes append to, which
// this process learns of within milliseconds (command.Follower). So a revoked token is dead on the node that revoked it at
// once, and on the others as soon as they have read that far. An answer that was read before an event and arrives after it is
// not cached (moments in cache.go). As a net below all this no answer is used for longer than a minute, nor beyond the end of
// anything it stands on.
//
// # Failure
//
// Everything that is wrong with a token is ErrUnauthenticated, with one text: unknown, malformed, expired, revoked, of a
// session that is not good, of a user that is locked, deactivated or removed, or whose organization is. A log that cannot be
// reached is a refusal of kind Unavailable.
package access
