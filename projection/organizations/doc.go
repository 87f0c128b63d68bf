// Package organizations is the read model of organizations: one row for every organization that ever existed, and rows for the
// domains and the metadata of those that exist.
//
// # Tables
//
// Each generation g has its own tables; the views show the live generation under a fixed name.
//
//	projection.organizations           view of projection.organizations_<g>
//	projection.organizations_domains   view of projection.organizations_domains_<g>
//	projection.organizations_metadata  view of projection.organizations_metadata_<g>
//
// Columns of projection.organizations, all NOT NULL:
//
//	tenant          text         primary key, with id
//	id              text         the organization's and the stream's id
//	version         bigint       of the stream, as far as this row has taken it in
//	position        bigint       of the last event of the stream in this row
//	state           smallint     1 active, 2 inactive, 3 removed
//	name            text         empty once removed
//	name_lower      text         strings.ToLower of it
//	primary_domain  text         empty while no domain is verified
//	is_default      boolean      it is the tenant's default organization
//	created_at      timestamptz
//	changed_at      timestamptz
//
// Removed organizations stay as tombstones (state 3), so that version still tells a reader how far the stream is taken in. Lists
// leave them out with the literal condition `state <> 3`, which the indexes carry.
//
// Columns of projection.organizations_domains, all NOT NULL: tenant text, organization_id text and domain text, which are the
// primary key, verified boolean, is_primary boolean, proof smallint (0 none, 1 a file, 2 a TXT record: what was asked for last),
// position bigint of the event that made the row, created_at and changed_at timestamptz.
//
// Columns of projection.organizations_metadata, all NOT NULL: tenant text, organization_id text and key text, which are the
// primary key, key_lower text, value bytea, position bigint of the event that made the row, created_at and changed_at timestamptz.
//
// # Invariants
//
// version counts every event of the stream without a gap; an event at a version that is already in the row is left alone, one
// beyond the next is refused; that holds for domains and metadata too. An organization that is removed has none. A rebuild yields
// the same rows. Which organization is the default one comes from the stream of the instance, which has no row of its own.
//
// # Failure
//
// An event that cannot be decoded or does not follow from the row is reported by position and stream; the runner parks
// that stream and the model goes on without it.
package organizations
