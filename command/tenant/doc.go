// Package tenant is the aggregate of the tenants that one installation serves: separate instances in one database, each with
// users, organizations, keys and settings of its own.
//
// The streams of tenants belong to no tenant but to the installation: they lie under the reserved name Installation, their id is
// the name of the tenant. What a tenant has lies under its own name, and no stream, claim, row or data key is found from under
// another. A tenant is found by the host name of a request.
//
//	        Add           Remove
//	Absent ─────► Active ────────► Removed
//
// # Invariants
//
// A name is never used again, so that nobody comes to own what an earlier tenant of the name left behind. A host name belongs to
// one tenant at most: it is a claim, held until the tenant drops it or is removed.
//
// The tenant Default is always there and cannot be removed. It answers every host name that nobody holds, and may hold some
// itself so that no other tenant takes them.
//
// # Who may
//
// The commands ask nobody: they are for operators, who hold the master keys, and no API leads to them.
//
// # Failure
//
// Refusals are *failure.Error (errors.go). A tenant whose setting up was cut short after Add is there without an administrator;
// instance.Service.IssueAdminToken completes it.
package tenant
