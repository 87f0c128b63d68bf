// Package memberships is the read model of who holds roles on what: one row for every membership that counts.
//
// # Tables
//
// Each generation g has its own tables; the view shows the live generation under a fixed name.
//
//	projection.memberships  view of projection.memberships_<g>
//	                        projection.memberships_gone_<g>, which no query reads
//
// Columns of projection.memberships, all NOT NULL:
//
//	tenant           text         primary key, with the next four
//	user_id          text
//	organization_id  text         the organization, or the one that owns the project; empty for the instance
//	project_id       text         empty for the instance and an organization
//	granted_id       text         the organization that the project was granted to; empty otherwise
//	roles            text[]       sorted
//	position         bigint       of the event that set the roles
//	created_at       timestamptz
//	changed_at       timestamptz
//
// projection.memberships_gone holds what has ended: users, organizations, projects and grants (tenant, kind, id, granted_id). A
// membership that was recorded after the end of what it stands on, by a command that did not know of it yet, is no membership.
// A user that is added again and a grant that is given again are not gone any more.
//
// # Invariants
//
// Rows and what is gone are as the events up to the checkpoint leave them, one after the other: a membership ends with its
// user, its organization, its project and its grant, and nothing brings it back. A rebuild yields the same rows. There is no
// row without roles.
//
// All text is COLLATE "C". The primary key finds what a user holds, the other index who holds something on a resource.
//
// # Failure
//
// An event that cannot be decoded is reported by position and stream, and one that holds a text that Postgres cannot is found
// by the runner, which parks that stream; the model goes on without it. When the stream goes on later its events meet the
// others as they are then.
package memberships
