// Package authorization gives users roles of projects. A user acts under an authorization in one organization: the one that
// owns the project, or one that it was granted to. There is at most one for a user, a project and an organization.
//
//	       Create            Deactivate
//	───────► Active ─────────────────────► Inactive
//	           │ ◄───────────────────────── │
//	           │          Activate          │
//	           └──────► removed ◄───────────┘
//
// The authorizations of a user are in one stream of the user's id. One ends
//
//   - by Remove;
//   - without an event of its own with the user, the project, the grant and the organizations that it stands on. A user's id may
//     come back and a grant may be given again, and none of that brings an authorization back.
//
// A role is gone from an authorization, without an event too, once it is gone from the project or from the grant. An inactive
// project or grant keeps its authorizations, and nothing new is authorized under an inactive grant.
//
// # Invariants
//
// An authorization is found by its id through a claim on it. A user has 1000 of them at most. Those that have ended are cleared
// away when a new one would be one too many. Nobody authorizes a user who cannot be known to them (permission.Caller.Knows).
//
// # Failure
//
// Refusals are *failure.Error. Who may not write authorizations in an organization is denied, whether or not the project, the
// user and the authorization exist.
package authorization
