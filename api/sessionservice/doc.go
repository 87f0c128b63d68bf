// Package sessionservice serves signet.session.v2.SessionService: one file per RPC, each of which translates a request to a
// command or a query and its outcome to an answer.
package sessionservice
