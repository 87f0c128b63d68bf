// Package authservice serves signet.auth.v1.AuthService: what every person and machine may do with its own account. No request
// names a user: it is always the caller, and what the caller may do to itself is decided by the commands and queries, not here.
//
// One file is one RPC, which translates a request to a command or a query and its outcome to an answer.
//
// Answers to what added something carry a creation date, those to changes a change date, and those to reads both. Lists hold
// query/user's DefaultLimit of entries unless asked otherwise, in the reverse order unless "asc" is set.
//
// Refusals are those of the commands and queries. Clients of this API expect to hear more than strangers may: that no code is pending,
// that an address is verified already, that a new name or profile is the old one. The commands tell it to whoever may know.
package authservice
