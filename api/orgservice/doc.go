// Package orgservice serves signet.org.v2.OrganizationService: one file per RPC, each of which translates a request to a command or
// a query and its outcome to an answer.
package orgservice
