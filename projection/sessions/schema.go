package sessions

import (
	"fmt"

	"github.com/signet-iam/signet/projection"
)

const (
	// The free space lets a row stay on its page when it is rewritten, see the package comment.
	createSessions = `
create table %s (
    tenant                   text collate "C" not null,
    id                       text collate "C" not null,
    version                  bigint not null,
    position                 bigint not null,
    creator_id               text collate "C" not null,
    user_id                  text collate "C" not null,
    organization_id          text collate "C" not null,
    fingerprint_id           text collate "C" not null,
    ip                       text collate "C" not null,
    description              text collate "C" not null,
    headers                  jsonb not null,
    user_verified            boolean not null,
    created_at               timestamptz not null,
    changed_at               timestamptz not null,
    expires_at               timestamptz,
    user_checked_at          timestamptz,
    password_checked_at      timestamptz,
    webauthn_checked_at      timestamptz,
    intent_checked_at        timestamptz,
    totp_checked_at          timestamptz,
    otp_sms_checked_at       timestamptz,
    otp_email_checked_at     timestamptz,
    recovery_code_checked_at timestamptz,
    primary key (tenant, id)
) with (fillfactor = 80)`

	createMetadata = `
create table %s (
    tenant     text collate "C" not null,
    session_id text collate "C" not null,
    key        text collate "C" not null,
    value      bytea not null,
    primary key (tenant, session_id, key)
)`

	digestQuery = `
select 'session/' || tenant || '/' || id collate "C" as key, hashtextextended((s.*)::text, 0)
  from %s s
union all
select 'metadata/' || tenant || '/' || session_id || '/' || key collate "C", hashtextextended((m.*)::text, 0)
  from %s m
 order by key`
)

func sessionsTable(generation int) string {
	return fmt.Sprintf("projection.sessions_%d", generation)
}

func metadataTable(generation int) string {
	return fmt.Sprintf("projection.sessions_metadata_%d", generation)
}

// Schema returns the tables of a generation.
func (m *Model) Schema(generation int) projection.Schema {
	sessions, metadata := sessionsTable(generation), metadataTable(generation)
	return projection.Schema{
		Tables:  []string{sessions, metadata},
		Create:  []string{fmt.Sprintf(createSessions, sessions), fmt.Sprintf(createMetadata, metadata)},
		Indexes: indexes(generation),
		Views: []projection.View{
			{Name: "projection.sessions", Query: "select " + columns + " from " + sessions},
			{Name: "projection.sessions_metadata", Query: "select " + metadataColumns + " from " + metadata},
		},
		Digest: fmt.Sprintf(digestQuery, sessions, metadata),
	}
}

// indexes holds no column that a new token moves.
func indexes(generation int) []projection.Index {
	var list []projection.Index
	for _, by := range [...]struct{ name, definition string }{
		{"created", "(tenant, created_at, id)"},
		{"user", "(tenant, user_id, created_at, id)"},
		// People who sign in directly have no creator, and applications seldom tell a fingerprint: those pay nothing.
		{"creator", "(tenant, creator_id, created_at, id) where creator_id <> ''"},
		{"fingerprint", "(tenant, fingerprint_id, created_at, id) where fingerprint_id <> ''"},
	} {
		sql := fmt.Sprintf("create index sessions_%d_by_%s on %s %s", generation, by.name, sessionsTable(generation), by.definition)
		list = append(list, projection.Index{SQL: sql})
	}
	return list
}
