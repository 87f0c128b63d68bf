// Package bearer knows the form of personal access tokens.
//
// A token is "sgt_", 33 base-62 digits that hold 192 random bits, and a checksum of 6 digits over them. The prefix lets
// scanners for leaked secrets find tokens; the checksum lets a server turn away a mistyped or cut token without a look into
// the database. Neither is a secret, and neither replaces the lookup.
//
// A malformed token is not an error of its own: callers cannot tell it from an unknown one.
package bearer
