package users

import (
	"fmt"
	"slices"
	"strings"

	"github.com/signet-iam/signet/projection"
)

const (
	trigrams = "pg_trgm"

	// Text is COLLATE "C" throughout, see the package comment. A row is rewritten by most events of its stream: the free
	// space lets it stay on its page, so that no index learns of it (HOT) as long as no indexed column changes. version,
	// position and changed_at are in no index for that reason.
	createUsers = `
create table %s (
    tenant                   text collate "C" not null,
    id                       text collate "C" not null,
    organization_id          text collate "C" not null,
    version                  bigint not null,
    position                 bigint not null,
    state                    smallint not null,
    kind                     smallint not null,
    username                 text collate "C" not null,
    given_name               text collate "C" not null,
    family_name              text collate "C" not null,
    nick_name                text collate "C" not null,
    display_name             text collate "C" not null,
    preferred_language       text collate "C" not null,
    gender                   smallint not null,
    email                    text collate "C" not null,
    email_verified           boolean not null,
    phone                    text collate "C" not null,
    phone_verified           boolean not null,
    has_password             boolean not null,
    password_change_required boolean not null,
    password_changed_at      timestamptz,
    mfa_init_skipped_at      timestamptz,
    machine_name             text collate "C" not null,
    machine_description      text collate "C" not null,
    has_secret               boolean not null,
    signed_tokens            boolean not null,
    created_at               timestamptz not null,
    changed_at               timestamptz not null,
    username_lower           text collate "C" not null,
    given_name_lower         text collate "C" not null,
    family_name_lower        text collate "C" not null,
    nick_name_lower          text collate "C" not null,
    display_name_lower       text collate "C" not null,
    email_lower              text collate "C" not null,
    born                     bigint not null default 1,
    avatar                   text collate "C" not null default '',
    primary key (tenant, id)
) with (fillfactor = 85)`

	createCount = `
create table %s (
    tenant          text collate "C" not null,
    organization_id text collate "C" not null,
    count           bigint not null,
    primary key (tenant, organization_id)
) with (fillfactor = 50)`

	// A row is written once and perhaps once more, when it is ready.
	createCredentials = `
create table %s (
    tenant          text collate "C" not null,
    user_id         text collate "C" not null,
    kind            smallint not null,
    id              text collate "C" not null,
    organization_id text collate "C" not null,
    state           smallint not null,
    name            text collate "C" not null,
    domain          text collate "C" not null,
    provider_id     text collate "C" not null,
    external_id     text collate "C" not null,
    remaining       integer not null,
    position        bigint not null,
    created_at      timestamptz not null,
    changed_at      timestamptz not null,
    expires_at      timestamptz,
    primary key (tenant, user_id, kind, id)
)`

	createMetadata = `
create table %s (
    tenant     text collate "C" not null,
    user_id    text collate "C" not null,
    key        text collate "C" not null,
    key_lower  text collate "C" not null,
    value      bytea not null,
    position   bigint not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (tenant, user_id, key)
)`

	// One expression, in the view and in the index: the planner sees that they are the same.
	search = `(username_lower || e'\n' || given_name_lower || e'\n' || family_name_lower || e'\n' || nick_name_lower || e'\n' ||
display_name_lower || e'\n' || email_lower || e'\n' || phone)`

	digestQuery = `
select 'user/' || tenant || '/' || id collate "C" as key, hashtextextended((u.*)::text, 0)
  from %s u
union all
select 'count/' || tenant || '/' || organization_id collate "C", hashtextextended(count::text, 0)
  from %s
 where count <> 0
union all
select 'credential/' || tenant || '/' || user_id || '/' || kind || '/' || id collate "C", hashtextextended((c.*)::text, 0)
  from %s c
union all
select 'metadata/' || tenant || '/' || user_id || '/' || key collate "C", hashtextextended((m.*)::text, 0)
  from %s m
union all
select 'ended/' || tenant || '/' || organization_id collate "C", 0
  from %s
 order by key`
)

func usersTable(generation int) string { return fmt.Sprintf("projection.users_%d", generation) }
func countTable(generation int) string { return fmt.Sprintf("projection.users_count_%d", generation) }

func credentialsTable(generation int) string {
	return fmt.Sprintf("projection.users_credentials_%d", generation)
}

func metadataTable(generation int) string {
	return fmt.Sprintf("projection.users_metadata_%d", generation)
}

// sortable are the columns a list can be sorted by. Each index holds (tenant, column, id), so that a page is read in its
// order and a tie has one too; the texts' also find equal values and prefixes. Measured in batches of 40 new users: a text
// costs 4 µs of Postgres, the others 1, together some 30; a list without its index sorts the tenant, 25 ms for 100,000.
var sortable = []string{
	"username_lower", "given_name_lower", "family_name_lower", "nick_name_lower", "display_name_lower", "email_lower",
	"state", "kind", "created_at",
}

// Schema returns the tables of a generation.
func (m *Model) Schema(generation int) projection.Schema {
	users, count := usersTable(generation), countTable(generation)
	credentials, metadata, ended := credentialsTable(generation), metadataTable(generation), endedTable(generation)
	return projection.Schema{
		Tables: []string{users, count, credentials, metadata, ended},
		Create: []string{
			fmt.Sprintf(createUsers, users), fmt.Sprintf(createCount, count),
			fmt.Sprintf(createCredentials, credentials), fmt.Sprintf(createMetadata, metadata),
			fmt.Sprintf(createEnded, ended),
		},
		Indexes: slices.Concat(indexes(generation), credentialIndexes(generation), metadataIndexes(generation)),
		Views: []projection.View{
			{Name: "projection.users", Query: "select " + columns + ", " + search + " as search from " + users},
			{Name: "projection.users_count", Query: "select tenant, organization_id, count from " + count},
			{Name: "projection.users_credentials", Query: "select " + credentialColumns + " from " + credentials},
			{Name: "projection.users_metadata", Query: "select " + metadataColumns + " from " + metadata},
		},
		Digest: fmt.Sprintf(digestQuery, users, count, credentials, metadata, ended),
	}
}

func indexes(generation int) []projection.Index {
	// Lists never show tombstones, so no list index holds them.
	const index = "create index users_%d_by_%s on %s %s"
	add := func(list []projection.Index, name, definition, extension string) []projection.Index {
		sql := fmt.Sprintf(index, generation, name, usersTable(generation), definition)
		return append(list, projection.Index{SQL: sql, Extension: extension})
	}
	// Contains and ends-with, over all texts of a user at once. New entries wait in a list; whoever fills it moves them in.
	// Measured while 5,000 users a second are added: a list of 2 MB costs Postgres 8 % less for each than one of 512 kB,
	// with a p99 that is no longer, and a search over 100,000 users and a full list takes as long as without the list.
	// Random letters cost up to 150 µs each user, which is why it is one index and not seven. A search without it reads
	// 100,000 users in 40 ms.
	// It is the most expensive to build and goes first: the others are built beside it.
	list := add(nil, "search", "using gin ("+search+" gin_trgm_ops) with (gin_pending_list_limit = 2048) where state <> 3", trigrams)
	for _, column := range sortable {
		list = add(list, strings.TrimSuffix(column, "_lower"), "(tenant, "+column+", id) where state <> 3", "")
	}
	// A caller who may read one organization only gets a list of that. It is sorted by what the index includes: a thousand users of
	// a million stand in a few pages of it, and in a thousand of the table.
	list = add(list, "organization", "(tenant, organization_id, id) include ("+strings.Join(sortable, ", ")+") where state <> 3", "")
	// Most users have no phone, and pay nothing for this one.
	return add(list, "phone", "(tenant, phone, id) where state <> 3 and phone <> ''", "")
}

// credentialIndexes are for the lists of machines' keys and tokens over many users, which are the only ones. All else is
// asked of one user and found by the primary key, and people's credentials pay for no index but that.
func credentialIndexes(generation int) []projection.Index {
	const index = "create index users_credentials_%d_by_%s on %s (tenant, kind, %s) where kind in (7, 8)"
	var list []projection.Index
	for _, by := range [...]struct{ name, columns string }{
		{"created", "created_at, id, user_id"},                       // the default order, read page by page
		{"organization", "organization_id, created_at, id, user_id"}, // what a caller who may read one organization gets
		{"id", "id"}, // whose a key or token is, of which only the id is known
	} {
		list = append(list, projection.Index{SQL: fmt.Sprintf(index, generation, by.name, credentialsTable(generation), by.columns)})
	}
	return list
}

// metadataIndexes find users by a key of their metadata.
func metadataIndexes(generation int) []projection.Index {
	const index = "create index users_metadata_%d_by_key on %s (tenant, key_lower, user_id)"
	return []projection.Index{{SQL: fmt.Sprintf(index, generation, metadataTable(generation))}}
}
