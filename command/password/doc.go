// Package password hashes and verifies passwords.
//
// New hashes are argon2id (RFC 9106) with 19 MiB, two passes and one lane, in PHC form. Hashes that were made elsewhere are
// verified in their own form: argon2, bcrypt, scrypt, yescrypt, PBKDF2, sha-crypt, sha1-crypt and md5-crypt. Their cost
// parameters come from outside and are bounded before anything is computed (bounds.go says why each limit is where it is).
//
// A hash takes milliseconds of CPU and megabytes of memory, so only as many run at once as there are processors, and only a
// bounded number may wait: beyond that ErrBusy. A computation that has begun runs to its end.
//
// Verify of a hash that this package does not know is an error, never a match.
package password
