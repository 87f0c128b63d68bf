// Package accesstoken makes and verifies access tokens: JSON Web Tokens (RFC 7519) signed with ES256 (RFC 7518, section 3.4),
// typed as RFC 9068 wants it. It is the one package that knows how to sign; the keys are in the log.
//
// # Keys
//
// A key is published when it is made, signs from a later moment on, so that everybody who verifies has seen it by then, and
// stays published until the last token it signed has expired. Only the first key of a tenant signs at once. Private keys are
// secret fields of events: sealed in the log, opened in memory only.
//
// Every node may rotate, and each does when it is time: of several that add the next key at once the log lets one win, and the
// others take what it added.
//
// # What a token says
//
// Issuer, user (sub), session (sid), an id, and when it was issued and expires. Whether the session is still good is not the
// token's to say: package access looks. A ticket has another type and other claims, so that neither passes for the other.
//
// # Cost
//
// The keys are kept in memory, and neither Issue nor Verify reads the log, but for the very first call, for a key that nobody
// here has seen, at most once a second, and when a key is due although Maintain does not run.
//
// # Failure
//
// Everything that is wrong with a token is ErrInvalid, with one text: signature, algorithm, key, issuer, type, time. A log that
// cannot be reached is a refusal of kind Unavailable.
package accesstoken
