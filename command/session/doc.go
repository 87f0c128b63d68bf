// Package session knows who is signed in.
//
// A session collects what somebody has proven about one user: first that it is about this user, then proofs. Once one of
// them is more than a name, whoever has the session's token is that user, until the session ends.
//
// # When a session is good
//
// It is good while nothing of this is true: it was ended; it expired; its user is not active; the user's stream has an event
// that ends sessions (a lock, a deactivation, a removal, a new password) above the version on which the last proof was judged; it
// stands on a personal access token that is no longer good, or has another value since. The version makes this free of races: a
// sign-in that was judged before a password changed, and is recorded after it, begins a session that never was good.
//
// It speaks for its user once it has a proof that the login policy of the user's organization allows, two where second factors are
// forced. Until then its token serves to add them, and not as a bearer token. Policies change both ways: a session that has too
// few is not ended.
//
// A session that was proven and is no longer good stays so. No further proof brings it back; whoever wants to go on begins anew. A
// session of nothing but a name has nothing to lose, so that somebody may ask for a new password in between.
//
// # Checks
//
// Checks run in the order of their fields, in the caller's name or, if it may write sessions, in that of the platform. All of them
// are judged before the session records any, and the user is looked at once more after the last. What the judgement itself leaves
// behind stays: a code that was right is used, a guess is counted, a wrong answer voids its question. The session is checked again
// as it is recorded: of many who come with one token, or one answer, at once, one gets through.
//
// # Who may
//
// Every command has a rule (rules.go). The order of checks is the same everywhere: who asks, whether the request makes sense,
// whether the caller may, whether the session exists, whether its state allows it. A caller who may not learns nothing, not even
// whether there is a session; a wrong token is no token.
//
// # Tokens
//
// A session has at most one session token and at most one refresh token; each change makes new ones and voids those before. The log
// has keyed digests only. Both name their session, so that they are found without a claim. A refresh token also has a
// generation and a keyed checksum over it: a token that was once given out and comes back after its use is told from an invented
// one, and ends the session (RFC 9700, section 4.14.2), while nobody can end a session by knowing its id.
//
//	session token   "sgs_", base 62 of: id (16) | random (24)
//	refresh token   "sgr_", base 62 of: id (16) | generation (4) | random (20) | keyed checksum over them (16)
//
// A refresh token goes by the id of its session. To revoke it is to end the session: the other tokens would go on otherwise.
//
// # Failure
//
// Refusals are *failure.Error (errors.go, and those of packages user and intent for checks). What is wrong with a token is never told.
package session
