// Package users is the read model of people and machines: one row for every user that ever existed, and rows for what
// those who exist have: credentials and metadata.
//
// # Tables
//
// Each generation g has its own tables; the views show the live generation under a fixed name.
//
//	projection.users              view of projection.users_<g>
//	projection.users_count        view of projection.users_count_<g>
//	projection.users_credentials  view of projection.users_credentials_<g>
//	projection.users_metadata     view of projection.users_metadata_<g>
//
// Columns of projection.users, all NOT NULL unless said otherwise; a text that is not known is empty:
//
//	tenant                    text         primary key, with id
//	id                        text         the user's and the stream's id
//	organization_id           text
//	version                   bigint       of the stream, as far as this row has taken it in
//	position                  bigint       of the last event of the stream in this row
//	state                     smallint     1 active, 2 inactive, 3 deleted, 4 locked, 5 initial
//	kind                      smallint     1 human, 2 machine
//	username                  text         also the login name
//	given_name                text
//	family_name               text
//	nick_name                 text
//	display_name              text
//	preferred_language        text         BCP 47
//	gender                    smallint     0 unspecified, 1 female, 2 male, 3 diverse
//	email                     text
//	email_verified            boolean
//	phone                     text         E.164
//	phone_verified            boolean
//	has_password              boolean
//	password_change_required  boolean
//	password_changed_at       timestamptz  NULL without a password
//	mfa_init_skipped_at       timestamptz  NULL unless the set-up of a second factor was put off and none came since
//	machine_name              text
//	machine_description       text
//	has_secret                boolean      of a machine
//	created_at                timestamptz
//	changed_at                timestamptz
//	username_lower, given_name_lower, family_name_lower, nick_name_lower, display_name_lower, email_lower  text
//	born                      bigint       version of the event that began the user's present life, or the last one
//	avatar                    text         SHA-256 of the user's picture in hex
//	search                    text         expression, see below
//
// A table of its own without a view, projection.users_ended_<g> (tenant text, organization_id text), has the organizations that have
// ended: their users are deleted for all readers from then on, although their own streams do not say so until they are removed one by
// one. Users who are added to such an organization, by a command that was faster than its end was known, are deleted from the start.
//
// projection.users_count has tenant text, organization_id text, count bigint: users that are not deleted, exact as of
// the checkpoint. An organization without users may be missing or 0.
//
// Columns of projection.users_credentials, all NOT NULL but the last; a text without a meaning for the kind is empty:
//
//	tenant           text         primary key, with user_id, kind, id
//	user_id          text
//	kind             smallint     1 TOTP, 2 U2F, 3 passkey, 4 codes by SMS, 5 codes by email, 6 link to an account at an
//	                              identity provider, 7 key of a machine, 8 personal access token, 9 recovery codes
//	id               text         empty for kinds 4 and 5; a digest for kind 6
//	organization_id  text         the user's
//	state            smallint     1 not ready, 2 ready; recovery codes are not ready once they are used up, a token is not once it was
//	                              expired by force
//	name             text         of kinds 2, 3 and 8; the user's name at the provider for kind 6
//	domain           text         the relying party id of kinds 2 and 3
//	provider_id      text         of kind 6
//	external_id      text         the user's id at the provider of kind 6
//	remaining        integer      codes that are left of kind 9
//	position         bigint       of the event that made the row
//	created_at       timestamptz
//	changed_at       timestamptz
//	expires_at       timestamptz  of an unfinished registration of kinds 2 and 3, and of kinds 7 and 8; NULL for never; of a token
//	                              that was expired by force when that happened
//
// Columns of projection.users_metadata, all NOT NULL: tenant text, user_id text and key text, which are the primary key,
// key_lower text, value bytea, position bigint of the event that made the row, created_at and changed_at timestamptz.
//
// # Reading it
//
// Deleted users stay as tombstones (state 3) without personal data, so that version still tells a reader how far the
// stream is taken in. Lists leave them out with the literal condition `state <> 3`, which every list index carries.
//
// The _lower columns hold strings.ToLower of their column, done in Go and not by lower(): what that does depends on the
// cluster's locale, and this must be the same on every machine and in every rebuild. A reader lowers its argument the
// same way. All text is COLLATE "C": comparison is memcmp, a prefix is a range of the index, and no update of the
// operating system's locales can put an index out of order.
//
//   - equals, ignoring case: email_lower = $lower; exactly: the same AND email = $value.
//   - starts with: email_lower >= $lower AND email_lower < $upperBound (the last byte of $lower plus one; none when all
//     bytes are 0xFF); with case: the same AND starts_with(email, $value). A LIKE with a parameter does not find the index
//     in a generic plan; the range does.
//   - contains, ends with: on the _lower column with LIKE; when the value has three characters or more add
//     search LIKE '%' || $escapedLower || '%', the trigram index's condition where there is one.
//   - equals on phone: phone = $value, and phone unequal to the empty text: the literal condition of its index.
//   - sort by a name, email, state, kind or created_at: ORDER BY e.g. username_lower, id, both in the same direction, for
//     one tenant; each has its index (tenant, column, id), so that only the page is read. The default order, by id, is the
//     primary key's.
//   - one organization only: organization_id = $id, in the order of ids.
//   - what one user has: by the primary key. The user's row is written in the same transaction, so that its version
//     vouches for these rows as well.
//   - keys and tokens of many users: with the literal condition `kind = 7` or `kind = 8`, which their indexes carry, by
//     organization_id, by id, or in the order of created_at, id, user_id.
//
// # Invariants
//
// version counts every event of the stream without a gap; an event at a version that is already in the row is left
// alone, one beyond the next is refused; that holds for the rows of credentials and metadata too. They are written only
// when an event concerns them, and read back only where an event's meaning depends on them: a new user without any costs
// nothing. A user who is deleted has none. A rebuild yields the same rows. Rows hold what the open and personal parts of
// the events say; secret parts are never opened. Personal fields of an erased subject come out empty.
//
// # Failure
//
// An event that cannot be decoded or does not follow from the row is reported by position and stream; the runner parks
// that stream and the model goes on without it.
package users
