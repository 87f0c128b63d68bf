// Package authorization answers questions about which roles of projects users have from the read model "authorizations".
//
// # What a viewer sees
//
// The own authorizations, always. Any other with user.grant.read on the organization in which the user acts, on the project, or
// on the grant under which the authorization stands. The organization that owns a project sees nothing of those under its
// grants. A list is narrowed to readable rows by the statement itself, so pages are full and totals are exact.
//
// # Names
//
// Names of users, organizations, projects and roles are those of the read models "users", "organizations" and "projects". A
// list is as fresh as the least advanced of all four.
//
// Lists have the limits of package query.
package authorization
