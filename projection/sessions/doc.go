// Package sessions is the read model of who is signed in: one row for every session that has not ended.
//
// # Tables
//
// Each generation g has its own tables; the views show the live generation under a fixed name.
//
//	projection.sessions           view of projection.sessions_<g>
//	projection.sessions_metadata  view of projection.sessions_metadata_<g>
//
// Columns of projection.sessions, all NOT NULL but the moments from expires_at on; a text that is not known is empty:
//
//	tenant                    text         primary key, with id
//	id                        text         the session's and the stream's id
//	version                   bigint       of the stream, as far as this row has taken it in
//	position                  bigint       of the last event of the stream in this row
//	creator_id                text         who began it; empty where a person signed in directly
//	user_id                   text         empty until it is known whom the session is about
//	organization_id           text         the user's
//	fingerprint_id            text         of the user agent
//	ip                        text
//	description               text         of the user agent
//	headers                   jsonb        of the request in which the session began: an array of texts for each name
//	user_verified             boolean      by the authenticator, in the last proof by WebAuthn
//	created_at                timestamptz
//	changed_at                timestamptz
//	expires_at                timestamptz  NULL for never
//	user_checked_at           timestamptz  NULL, as all that follow, where there was no such proof
//	password_checked_at       timestamptz
//	webauthn_checked_at       timestamptz
//	intent_checked_at         timestamptz
//	totp_checked_at           timestamptz
//	otp_sms_checked_at        timestamptz
//	otp_email_checked_at      timestamptz
//	recovery_code_checked_at  timestamptz
//
// Columns of projection.sessions_metadata, all NOT NULL: tenant text, session_id text and key text, which are the primary
// key, and value bytea.
//
// # Reading it
//
// A session that has ended has no row. A reader of one session who finds none asks the log whether the last event of its
// stream is session.ended. A session that expired stays until somebody ends it.
//
// All text is COLLATE "C". Each index ends in (created_at, id), so that a page of a list is read in its order: those of all
// sessions, of a user (user_id), of who began them (creator_id, with the literal condition that it is not empty) and of a
// user agent (fingerprint_id, likewise).
//
// # Cost
//
// A session is written over and over: each new token is an event. Such an event moves version, position and changed_at,
// which no index holds, and the page has room for the new row: the update is one that no index learns of (HOT).
//
// # Invariants
//
// version counts every event of the stream without a gap; an event at a version that is already in the row is left alone,
// one beyond the next is refused, as is any but the first of a session without a row. A rebuild yields the same rows. Rows
// hold what the open and personal parts of the events say; secret parts are never opened, and no digest of a token has a
// column. Personal fields of an erased subject come out empty.
//
// # Failure
//
// An event that cannot be decoded or does not follow from the row is reported by position and stream; the runner parks
// that stream and the model goes on without it. Of a session whose first event an operator skips, nothing is known but what
// comes after it.
package sessions
