package authorizations

import (
	"fmt"
	"strings"

	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// Name is the model's name and that of its checkpoint.
const Name = "authorizations"

// revision grows with every change of the reducer or the schema: all tables are then built anew.
const revision = 1

// Model is the read model of authorizations.
type Model struct {
	codec *codec.Codec
}

// New returns the model. The codec may be nil where the model is only migrated.
func New(c *codec.Codec) *Model { return &Model{codec: c} }

// Name returns "authorizations".
func (m *Model) Name() string { return Name }

// Revision returns the reducer's revision.
func (m *Model) Revision() int { return revision }

// Kinds returns the kind of the streams that authorizations are in, and those of what they stand on.
func (m *Model) Kinds() []string { return []string{"authorization", "user", "project", "org"} }

// Open returns a fold over the tables of a generation.
func (m *Model) Open(generation int) projection.Fold {
	return &fold{model: m, Script: projection.Script{Tables: tables(generation)}}
}

var _ projection.Model = (*Model)(nil)

const (
	columns = `tenant, user_id, id, project_id, organization_id, user_organization_id, project_organization_id, active, roles, position,
created_at, changed_at`

	createAuthorizations = `
create table {authorizations} (
    tenant                  text collate "C" not null,
    user_id                 text collate "C" not null,
    id                      text collate "C" not null,
    project_id              text collate "C" not null,
    organization_id         text collate "C" not null,
    user_organization_id    text collate "C" not null,
    project_organization_id text collate "C" not null,
    active                  boolean not null,
    roles                   text[] collate "C" not null,
    position                bigint not null,
    created_at              timestamptz not null,
    changed_at              timestamptz not null,
    primary key (tenant, user_id, id)
)`

	createBasis = `
create table {basis} (
    tenant          text collate "C" not null,
    project_id      text collate "C" not null,
    organization_id text collate "C" not null,
    role_key        text collate "C" not null,
    owner_id        text collate "C" not null,
    primary key (tenant, project_id, organization_id, role_key)
)`

	createGone = `
create table {gone} (
    tenant text collate "C" not null,
    kind   text collate "C" not null,
    id     text collate "C" not null,
    primary key (tenant, kind, id)
)`

	digestQuery = `
select 'authorization/' || tenant || '/' || user_id || '/' || id collate "C" as key, hashtextextended((a.*)::text, 0)
  from {authorizations} a
union all
select 'basis/' || tenant || '/' || project_id || '/' || organization_id || '/' || role_key collate "C", hashtextextended((b.*)::text, 0)
  from {basis} b
union all
select 'gone/' || tenant || '/' || kind || '/' || id collate "C", 0
  from {gone}
 order by key`
)

// tables puts the names of a generation's tables in.
func tables(generation int) *strings.Replacer {
	return strings.NewReplacer(
		"{authorizations}", fmt.Sprintf("projection.authorizations_%d", generation),
		"{basis}", fmt.Sprintf("projection.authorizations_basis_%d", generation),
		"{gone}", fmt.Sprintf("projection.authorizations_gone_%d", generation),
		"{g}", fmt.Sprint(generation),
	)
}

// Schema returns the tables of a generation.
func (m *Model) Schema(generation int) projection.Schema {
	in := tables(generation)
	return projection.Schema{
		Tables: []string{in.Replace("{authorizations}"), in.Replace("{basis}"), in.Replace("{gone}")},
		// These indexes are there from the beginning: a fill needs them to find what ends with something.
		Create: []string{
			in.Replace(createAuthorizations), in.Replace(createBasis), in.Replace(createGone),
			in.Replace("create index authorizations_{g}_by_project on {authorizations} (tenant, project_id, organization_id, created_at, id)"),
			in.Replace("create index authorizations_{g}_by_user_organization on {authorizations} (tenant, user_organization_id, created_at, id)"),
			in.Replace("create index authorizations_basis_{g}_by_organization on {basis} (tenant, organization_id)"),
			in.Replace("create index authorizations_basis_{g}_by_owner on {basis} (tenant, owner_id)"),
		},
		Indexes: []projection.Index{
			{SQL: in.Replace("create index authorizations_{g}_by_id on {authorizations} (tenant, id)")},
			{SQL: in.Replace("create index authorizations_{g}_by_created on {authorizations} (tenant, created_at, id)")},
			{SQL: in.Replace("create index authorizations_{g}_by_organization on {authorizations} (tenant, organization_id, created_at, id)")},
		},
		Views:  []projection.View{{Name: "projection.authorizations", Query: "select " + columns + " from " + in.Replace("{authorizations}")}},
		Digest: in.Replace(digestQuery),
	}
}
