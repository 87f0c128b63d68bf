// Package vault keeps the keys under which the log seals what must not be readable in the database: personal fields,
// secret fields, codes on their way to a person.
//
// # Keys
//
// Master keys live outside the database, in a file or a variable (Ring). Each wraps data keys and nothing else. A data
// key belongs to one subject of one tenant, a person as a rule, and is kept in the database in wrapped form only.
// Deleting that one row erases the person: every sealed value of theirs, in the log, in read models and in every backup
// that does not hold the row, can never be opened again, while the log stays complete.
//
//	master key (Ring) ── wraps ──► data key (Key) ── seals ──► fields, deliverables, client addresses
//	                         └───► digest key     ── keys ───► claims, codes, tokens (Digest)
//
// # Forms
//
//	wrapped data key   version 1 | length of id, id of the master key | nonce (12) | AES-256-GCM of key (32) and tag (4)
//	sealed value       version 1 | tag (4) | nonce (12) | AES-256-GCM
//
// A wrapped key is bound to its tenant and subject and so cannot be moved to another row. A sealed value is bound to
// what the caller passes as binding. The tag is random and names the data key among all that its subject ever had: a
// value that was sealed before an erasure is told apart (ErrErased) from a damaged one (ErrDamaged), even when the
// subject came back under a new key.
//
// # Limits
//
// Nonces are random and 96 bits long. NIST SP 800-38D (8.3) allows 2^32 messages under one such key. For a master key a
// message is a wrapped data key, for a data key a sealed value: both bounds are out of reach of a person's events, and
// Rotate renews a master key long before four thousand million subjects. A sealed value is at most 64 GiB, which the
// log's own limits undercut.
//
// # Rotation
//
// Rotate puts a new master key at the end of the file; the older ones stay. A vault whose ring came from a file reads
// the file again when it meets a wrapped key of an unknown master key, so that processes on the same file follow a
// rotation by themselves; processes with a copy of the file need the new one first. eventstore.Store.RewrapDataKeys
// with Vault.Rewrap then moves every data key to the new master key and touches no event. Prune drops master keys that
// nothing uses any more; until then the old file opens what it always opened.
//
// # Erasure and the cache
//
// Unwrapped keys are cached, bounded in number and in age. The process that erases a subject calls Forget at once, and
// the others as soon as they see the erasing event; a process that missed it opens the subject's values until the age
// limit at most. A process must not seal with a key from before an erasure: forget first, then append.
//
// # Failure
//
// ErrErased: there is no data key. ErrDamaged: a sealed value or a wrapped key was changed or moved. ErrWrongKey: the
// ring does not fit the database. ErrNoDigestKey: the tenant was never set up. Errors of the key store pass through. No
// error text and no formatting of a Ring, Key or Vault shows key material.
package vault
