// Package authorizations is the read model of which roles of projects users have: one row for every authorization that stands.
//
// # Tables
//
// Each generation g has its own tables; the view shows the live generation under a fixed name.
//
//	projection.authorizations  view of projection.authorizations_<g>
//	                           projection.authorizations_basis_<g> and
//	                           projection.authorizations_gone_<g>, which no query reads
//
// Columns of projection.authorizations, all NOT NULL:
//
//	tenant                   text         primary key, with user_id and id
//	user_id                  text
//	id                       text         unique in the tenant
//	project_id               text
//	organization_id          text         in which the user acts: the owner of the project, or one that it was granted to
//	user_organization_id     text         the user's
//	project_organization_id  text         that owns the project
//	active                   boolean
//	roles                    text[]       keys, sorted; those that the project has and, under a grant, that were granted
//	position                 bigint       of the last event of the authorization
//	created_at               timestamptz
//	changed_at               timestamptz
//
// projection.authorizations_basis holds what authorizations stand on: for each project and each organization in which users can
// act (organization_id: the owner itself, or one with a grant) a row with an empty role_key, and one for each role that can be
// given there. projection.authorizations_gone holds users and organizations that were removed (tenant, kind, id).
//
// The organization of a user is the owner of the stream, which never changes.
//
// # Invariants
//
// All tables are as the events up to the checkpoint leave them, one after the other. An authorization ends with its user, its
// project, its grant and any of the organizations; a role is gone from it with the role of the project or of the grant; nothing
// brings either back. One that was recorded after the end of what it stands on, by a command that did not know of it yet, is
// none. A rebuild yields the same rows.
//
// # Failure
//
// An event that cannot be decoded is reported by position and stream, and one that holds a text that Postgres cannot is found
// by the runner, which parks that stream; the model goes on without it. When the stream goes on later its events meet the
// others as they are then.
package authorizations
