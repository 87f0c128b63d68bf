// Package bearer knows the form of tokens.
//
// A token is a prefix, base-62 digits, and a checksum of 6 digits over them. The prefix lets scanners for leaked secrets find
// tokens; the checksum lets a server turn away a mistyped or cut token without a look into the database. Neither is a secret,
// and neither replaces the lookup.
//
// A personal access token is "sgt_" and 33 digits that hold 192 random bits (New, WellFormed). Other tokens hold what their
// makers put in (Seal, Open).
//
// A malformed token is not an error of its own: callers cannot tell it from an unknown one.
package bearer
