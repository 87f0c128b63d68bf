// Package user is the aggregate of people and machines: who they are, how they are reached, how they prove themselves.
//
// # Lifecycle
//
//	(unknown) --AddHuman, AddMachine--> active
//	active    --Lock--> locked --Unlock--> active
//	active, locked --Deactivate--> inactive --Reactivate--> active
//	active, locked, inactive --Delete--> removed --AddHuman, AddMachine--> active
//
// A removed user's name, tokens and codes are free or void; its id may be added anew, in the organization that had it.
//
// # Invariants
//
// The username is unique in the tenant, whatever its case. A code is valid for one hour, for the address it was made for, until it is
// used, replaced or guessed at five times; an invitation for three days. A guess is paid for before it is looked at, so that guesses in parallel each
// spend their share. A password is never stored, and a code only as a keyed digest; where a code has to travel it lies beside the log,
// sealed, until it is delivered or expired.
//
// # Passkeys and security keys
//
//	none --RegisterPasskey--> pending --VerifyPasskey--> ready --RemovePasskey--> none
//
// Of each purpose one registration is pending, for six minutes; the next one replaces it. The challenge is sealed in the event, and
// only the answer to it, from a configured page of its domain and by a verified user, makes a credential. A credential's id belongs to
// one user in the tenant until it is removed. A counter that does not go up is recorded, and the use refused. Codes that let their
// holder register a passkey stand beside each other, ten at a time; each is used up with the registration it begins.
//
// # Second factors
//
//	TOTP: none --RegisterTOTP--> registered --VerifyTOTP--> ready --RemoveTOTP--> none
//
// A time-based code is good for the step it is of, one before and one after, and once: a step that was accepted, and every step before
// it, is never accepted again, on no node. Steps and guesses are counters beside the log and no events; that guessing crossed its
// limit of ten in ten minutes is one. Recovery codes are kept as digests and struck out one by one. Codes by SMS or email need
// an address that was proven, and end with it, whatever takes its place. Such a code is eight digits, for one sign-in and five minutes;
// ten stand beside each other, each takes five guesses, and is good once. An email address or phone number that was proven is the
// only place they are sent to.
//
// # Signing in
//
// CheckPassword, CheckSecret, UseTOTP, UseOTP, UseRecoveryCode and UseWebAuthn judge a proof; what it is good for is the fact of
// others (package session). None of them lets in whoever is not active. A proof is good for the version of the user it was judged
// on: State.SessionsSince is the version of the last event that ended what went before: lock, deactivation, removal, a new
// password or machine secret. A password whose hash is of yesterday's cost gets a new hash from its first right use; nothing ends by that.
//
// # Invitations
//
// An invitation is one code at a time, for somebody without password, passkey and account elsewhere. When it went by email its return
// proves the address, provided that it still is the user's; when it was handed to the caller it proves nothing.
//
// # Machines and metadata
//
// A machine's secret is known by a keyed digest, its keys by their public half, its tokens by the claims that hold their digests: each
// is shown once, when it is made. Of guesses at a secret ten are looked at in ten minutes. A user has at most 100 keys, 100 tokens and
// 100 entries of metadata, whoever adds them at once.
//
// People have tokens too, which they make themselves. A token keeps its id when it gets another value, and sessions know which of the
// values they stand on (Token.Since). One that was expired by force stays listed and is never good again; expired ones make room for new
// ones.
//
// # Pictures
//
// A user has one picture at most (package avatar judges it). Its bytes lie beside the log, sealed with the user's data key, under the
// id of the event that names them: first the bytes, then the event. Ended in between, the picture before stays the user's, and bytes
// that no event names are shown to nobody and dropped by a later change. They end with the picture, with the user, and with the key.
//
// # Who may
//
// Every command has a rule (rules.go), and no command without one can run. The order of checks is the same everywhere: who asks,
// whether the request makes sense, whether the caller may, whether the user exists, whether its state allows it. A caller
// without permission learns nothing about a user: not whether it exists, nor its state. The commands that a code or the
// current password opens to anybody (VerifyEmail, VerifyPhone, SetPassword, RegisterPasskey, VerifyPasskey, UseWebAuthn, AcceptInvite,
// UseTOTP, UseRecoveryCode, CheckPassword, CheckSecret, UseOTP) give a stranger one and the same answer for everything but success.
//
// Being the user is not enough to declare an address proven, nor to get a code in the answer instead of the mailbox it was
// made for: both would let people prove addresses they do not have, and a borrowed token turn into a password. A code to register a
// passkey proves nothing but that somebody who might register one handed it on, so users get their own. Metadata is the user's too: what
// users must not change does not belong there.
//
// # Policies
//
// What a new password must have, and after how many wrong passwords or codes in a row a user is locked, is for the policies of the
// user's organization to say (package policy). Where they say so, a changed password comes with a deliverable: a message to the address
// that was proven when it changed.
//
// # Failure
//
// Refusals are *failure.Error (errors.go). A command whose answer was lost may or may not have been recorded.
package user
