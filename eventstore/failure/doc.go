// Package failure holds the kinds of refusal that the layers above the log share.
//
// A command or a query that refuses says so with an *Error: a kind, which the transport translates to a status code in
// one place; a machine-readable reason such as "USER_NOT_FOUND"; and a text that is safe to show to the caller. The
// cause, if any, is for logs only and never leaves the process. Every other error is a fault of Signet itself.
//
// The package stands beside the log because that is the one place which command, query, projection and notification
// may all import.
package failure
