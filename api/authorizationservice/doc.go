// Package authorizationservice serves signet.authorization.v2.AuthorizationService: one file per RPC, each of which translates
// a request to a command or a query and its outcome to an answer.
package authorizationservice
