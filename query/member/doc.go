// Package member answers questions about who holds which roles on the instance, organizations, projects and granted projects
// from the read model "memberships".
//
// # What a viewer sees
//
// The own memberships, always. Others on the instance with iam.member.read there; on an organization with org.member.read on
// it; on a project with project.member.read on it or on the organization that owns it; on a granted project with that, or with
// project.member.read on the grant or on the organization that it was granted to. A list is narrowed to readable rows by the
// statement itself, so pages are full and totals are exact.
//
// # Names
//
// Names of users, organizations and projects are those of the read models "users", "organizations" and "projects". A list is as
// fresh as the least advanced of all four.
//
// Lists have the limits of package query.
package member
