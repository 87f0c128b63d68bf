// Package project answers questions about projects, their roles and the organizations they are granted to.
//
// # Who sees what
//
// Who holds project.read on a project, on the organization that owns it or on the instance sees the project as its owner has it.
// Who holds it on an organization that the project is granted to, or on the project as it was granted, sees it as granted to that
// organization: with the state of the grant, and of roles and grants only those. A list of projects has a row for each of these
// views that the viewer may see; who may read the grants of a project (project.grant.read) sees those of all organizations.
//
// Lists never refuse for want of permission: they show what the viewer may see and count nothing else. A project that is not there
// is not_found only for who could read it if it were: on the organization that owned it, or on the instance.
//
// # Freshness
//
// A read by id compares versions with the project's stream, and asks the log itself whether the organizations that the project
// stands on have ended. Lists wait for the read models of projects and, where they show names, of organizations.
package project
