// Package signin signs users in with a password or a secret, lets them register, and lets those who forgot their password
// back in, without telling strangers whether a user exists.
//
// # What strangers learn
//
// Nothing. A user that does not exist costs the same: the same statements, a comparison with a hash of today's cost, and a refusal
// that leaves at the same beat of a clock that began with the request. Where a code is asked for, the answer is a ticket in either
// case. A registration always succeeds for an address: an address that is not verified identifies nobody, so several users may
// have it. Only usernames are public. What remains is a hash that was taken over from elsewhere: until its owner signs in once and
// gets one of today's cost, a comparison with it takes as long as that hash does.
//
// # Order
//
// The attempt is counted by identifier and by address before anything is looked up (package throttle), and again by user before
// the comparison (package user). The judgement is made on a version of the user's stream, and the session names it (package session).
//
// # Policies
//
// Users register themselves where the login policy of their organization to be lets them. The policies of a user's organization are
// held against a direct sign-in once the password was right: sign-ins by password that are off, second factors that are forced, and a
// password that is older than it may be refuse it. An address does not sign in where the policy has none: it is as if nobody had it.
// Names of users that do not exist are never told, whatever the policy says of unknown usernames.
//
// # Whom an identifier means
//
// A username is a claim in the log. An address or a number means the one person who has proven it, and nobody when several have.
// To verify an address by a code, it means the newest who has not proven it; the ticket then holds that person fast, whoever
// registers with the address afterwards.
//
// # Failure
//
// Sign-ins fail with ErrRejected and codes with ErrCode, whatever the reason, which is the cause. A refusal of package throttle
// says when to try again, whether or not there is a user. What is unavailable passes as it is.
package signin
