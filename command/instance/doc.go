// Package instance is the aggregate of a tenant as a whole: its first organization and who holds roles on all of it.
//
// Bootstrap sets a tenant up: a digest key, the first organization, an administrator and its token. Each step is an append
// that can happen once, so that Bootstrap may run in several processes at the same time and after a crash in the middle:
// exactly one of them makes the administrator and gets to see the token, the others find everything there.
//
// If that token is lost (the process died before it was written down) IssueAdminToken makes another; only who can run the binary
// with the tenant's master key can call it.
//
// A role belongs to one life of a user: a user that is removed and added again under the same id holds none.
package instance
