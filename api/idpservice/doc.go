// Package idpservice is the API to identity providers (signet.idp.v1): it translates messages to commands and queries and
// their answers back, one file per RPC.
//
// Settings and credentials are messages of their own on the wire. Answers are made from settings alone, which the read model
// has; nothing in this package ever holds credentials but on their way in.
package idpservice
