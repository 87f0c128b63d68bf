// Package projects is the read model of projects: one row for every project that ever existed, and one for every role and every
// grant there is.
//
// # Tables
//
// Each generation g has its own tables; the views show the live generation under a fixed name.
//
//	projection.projects         view of projection.projects_<g>
//	projection.projects_roles   view of projection.projects_roles_<g>
//	projection.projects_grants  view of projection.projects_grants_<g>
//	                            projection.projects_ended_<g>: organizations that were removed, for the reducer
//
// Columns of projection.projects, all NOT NULL:
//
//	tenant                  text         primary key, with id
//	id                      text         the project's and the stream's id
//	organization_id         text         that owns it
//	version                 bigint       of the stream, as far as this row has taken it in
//	position                bigint       of the last event of the stream in this row
//	removed                 boolean      by itself, or with its organization
//	name                    text         with name_lower, which strings.ToLower made of it
//	state                   smallint     1 active, 2 inactive, 0 removed
//	role_assertion          boolean
//	authorization_required  boolean
//	access_required         boolean
//	labeling                smallint     signet.event.v1.ProjectLabeling
//	created_at              timestamptz
//	changed_at              timestamptz  of the last event about the project itself, not about its roles or grants
//
// Removed projects stay as tombstones, so that version still tells a reader how far the stream is taken in. Columns of
// projection.projects_roles, all NOT NULL:
//
//	tenant, project_id, key  text         primary key
//	display_name             text         with display_name_lower, as there is key_lower
//	role_group               text         may be empty
//	created_at, changed_at   timestamptz
//
// Columns of projection.projects_grants, all NOT NULL:
//
//	tenant, project_id       text         primary key, with granted_organization_id
//	granted_organization_id  text
//	organization_id          text         that owns the project
//	roles                    text[]       keys, in the order of the event
//	state                    smallint     1 active, 2 inactive
//	created_at, changed_at   timestamptz
//
// # Invariants
//
// version counts every event of the stream without a gap; an event at a version that is already in the row is left alone, one
// beyond the next is refused. There are no roles and grants of removed projects, no grants to removed organizations and no roles in
// grants that the project does not have, whatever order removals come in: a project or grant that was recorded just after the end
// of its organization is void. A rebuild yields the same rows.
//
// # Failure
//
// An event that cannot be decoded or does not follow from the row is reported by position and stream; the runner parks that stream
// and the model goes on without it. Of organizations only the end is looked at, which needs no decoding.
package projects
