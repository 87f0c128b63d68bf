// Package providers is the read model of identity providers: one row for every provider that ever existed.
//
// # Tables
//
// Each generation g has its own table; the view shows the live generation under a fixed name.
//
//	projection.providers  view of projection.providers_<g>
//
// Columns, all NOT NULL:
//
//	tenant           text         primary key, with id
//	id               text         the provider's and the stream's id
//	organization_id  text         empty for a provider of the whole instance
//	version          bigint       of the stream, as far as this row has taken it in
//	position         bigint       of the last event of the stream in this row
//	removed          boolean
//	settings         bytea        signet.event.v1.IdentityProvider, deterministic protobuf; empty once removed
//	created_at       timestamptz
//	changed_at       timestamptz
//
// Removed providers stay as tombstones without settings, so that version still tells a reader how far the stream is taken
// in. Providers are few: there is no index but the primary key, and lists count.
//
// # Invariants
//
// version counts every event of the stream without a gap; an event at a version that is already in the row is left alone,
// one beyond the next is refused. A rebuild yields the same rows. Credentials are secret parts of the events, which are
// never opened here: no row can hold one.
//
// # Failure
//
// An event that cannot be decoded or does not follow from the row is reported by position and stream; the runner parks
// that stream and the model goes on without it.
package providers
