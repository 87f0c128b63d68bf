// Package member gives users roles: on the whole instance, on organizations, on projects, and on projects as they were granted
// to an organization. What a role permits stands in package permission.
//
// The memberships of a user on the instance are in the stream of the instance, all others in one stream of the user's id.
// A membership is there or not; there is no other state. It ends
//
//   - by Remove, or by Set with other roles;
//   - without an event of its own with the user, the organization, the project or the grant that it stands on. A user's id may
//     come back and a grant may be given again, and none of that brings a membership back: only what was recorded since the
//     present life of both counts (State.Held).
//
// # Invariants
//
// Nobody gives a permission that it does not hold itself where it gives it. Somebody always holds IAM_OWNER: of two owners who
// remove each other at the same moment one stays, because both decide on the stream of the instance. A user has 1000
// memberships at most besides the one on the instance; those that have ended are cleared away when a new one would be one too
// many. Nobody names a user who cannot be known to them (permission.Caller.Knows), unless that user is a member already.
//
// # Failure
//
// Refusals are *failure.Error. Who may not write memberships on a resource is denied, whether or not the resource and the user
// exist.
package member
