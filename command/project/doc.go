// Package project is the aggregate of projects: what people sign in to, with the roles that can be given there and the
// organizations it is granted to.
//
// A project belongs to one organization for life.
//
//	        Create           Deactivate
//	Unknown ──────► Active ──────────────► Inactive
//	                   ◄──────────────────
//	                        Activate
//	Active, Inactive ──Remove──► Removed
//
// # Invariants
//
// An id is never used again, so that memberships and authorizations that name it cannot come to mean another project. A name is
// unique in its organization, letter by letter, until the project is renamed or removed. A role's key is unique in its project and
// never changes. A project has at most 1000 roles and is granted to at most 10,000 organizations, once to each and never to its
// owner. A grant holds only roles that the project has: a role that is removed is gone from all grants, and one of the same key
// that is added later is granted to nobody.
//
// What hangs on a project ends with it, and a project and what was granted end with the organization, without events of their
// own: every command asks whether the organizations it stands on are still there. A project or grant that is inactive is kept with
// all that hangs on it; roles and grants can be changed all the while.
//
// # Who may
//
// Every command has a rule (rules.go), and no command without one can run. Permissions are asked for where the project stands: on
// the project, on the organization that owns it, or on the instance. The organizations it is granted to change nothing here. The
// order of checks is the same everywhere: who asks, whether the request makes sense, whether the caller may, whether the project
// exists, whether its state allows it. A caller without permission learns nothing, not even whether the project exists.
//
// # Failure
//
// Refusals are *failure.Error (errors.go). A command whose answer was lost may or may not have been recorded.
package project
