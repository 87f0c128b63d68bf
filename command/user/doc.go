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
// used, replaced or guessed at five times. A guess is paid for before it is looked at, so that guesses in parallel each
// spend their share. A password is never stored, and a code only as a keyed digest; where a code has to travel it lies beside the log,
// sealed, until it is delivered or expired.
//
// # Who may
//
// Every command has a rule (rules.go), and no command without one can run. The order of checks is the same everywhere: who asks,
// whether the request makes sense, whether the caller may, whether the user exists, whether its state allows it. A caller
// without permission learns nothing about a user: not whether it exists, nor its state. The commands that a code or the
// current password opens to anybody (VerifyEmail, VerifyPhone, SetPassword) give a stranger one and the same answer for
// everything but success.
//
// Being the user is not enough to declare an address proven, nor to get a code in the answer instead of the mailbox it was
// made for: both would let people prove addresses they do not have, and a borrowed token turn into a password.
//
// # Failure
//
// Refusals are *failure.Error (errors.go). A command whose answer was lost may or may not have been recorded.
package user
