package organizations

import (
	"fmt"

	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// Name is the model's name.
const Name = "organizations"

// revision grows whenever the reducer or the schema changes.
const revision = 1

// The kinds of stream that the model follows.
const (
	kindOrganization = "org"
	kindInstance     = "instance"
)

// Model is the read model of organizations.
type Model struct {
	codec *codec.Codec
}

// New returns the model. Without a codec it can be migrated only.
func New(c *codec.Codec) *Model { return &Model{codec: c} }

// Name is the model's name.
func (m *Model) Name() string { return Name }

// Revision is the reducer's and the schema's.
func (m *Model) Revision() int { return revision }

// Kinds are the streams the model follows.
func (m *Model) Kinds() []string { return []string{kindOrganization, kindInstance} }

// Open returns a fold over the tables of a generation.
func (m *Model) Open(generation int) projection.Fold {
	return &fold{model: m, generation: generation, rows: make(projection.Rows[entry])}
}

var _ projection.Model = (*Model)(nil)

const (
	createOrganizations = `
create table %s (
    tenant         text collate "C" not null,
    id             text collate "C" not null,
    version        bigint not null,
    position       bigint not null,
    state          smallint not null,
    name           text collate "C" not null,
    name_lower     text collate "C" not null,
    primary_domain text collate "C" not null,
    is_default     boolean not null,
    created_at     timestamptz not null,
    changed_at     timestamptz not null,
    primary key (tenant, id)
) with (fillfactor = 85)`

	createDomains = `
create table %s (
    tenant          text collate "C" not null,
    organization_id text collate "C" not null,
    domain          text collate "C" not null,
    verified        boolean not null,
    is_primary      boolean not null,
    proof           smallint not null,
    position        bigint not null,
    created_at      timestamptz not null,
    changed_at      timestamptz not null,
    primary key (tenant, organization_id, domain)
)`

	createMetadata = `
create table %s (
    tenant          text collate "C" not null,
    organization_id text collate "C" not null,
    key             text collate "C" not null,
    key_lower       text collate "C" not null,
    value           bytea not null,
    position        bigint not null,
    created_at      timestamptz not null,
    changed_at      timestamptz not null,
    primary key (tenant, organization_id, key)
)`

	columns         = "tenant, id, version, position, state, name, name_lower, primary_domain, is_default, created_at, changed_at"
	domainColumns   = "tenant, organization_id, domain, verified, is_primary, proof, position, created_at, changed_at"
	metadataColumns = "tenant, organization_id, key, key_lower, value, position, created_at, changed_at"

	digestQuery = `
select 'organization/' || tenant || '/' || id collate "C" as key, hashtextextended((o.*)::text, 0)
  from %s o
union all
select 'domain/' || tenant || '/' || organization_id || '/' || domain collate "C", hashtextextended((d.*)::text, 0)
  from %s d
union all
select 'metadata/' || tenant || '/' || organization_id || '/' || key collate "C", hashtextextended((m.*)::text, 0)
  from %s m
 order by key`
)

func table(generation int) string { return fmt.Sprintf("projection.organizations_%d", generation) }

func domainsTable(generation int) string {
	return fmt.Sprintf("projection.organizations_domains_%d", generation)
}

func metadataTable(generation int) string {
	return fmt.Sprintf("projection.organizations_metadata_%d", generation)
}

// Schema is what the model needs in the database.
func (m *Model) Schema(generation int) projection.Schema {
	organizations, domains, metadata := table(generation), domainsTable(generation), metadataTable(generation)
	index := func(name, on, definition string) projection.Index {
		return projection.Index{SQL: fmt.Sprintf("create index organizations_%d_by_%s on %s %s", generation, name, on, definition)}
	}
	return projection.Schema{
		Tables: []string{organizations, domains, metadata},
		Create: []string{
			fmt.Sprintf(createOrganizations, organizations), fmt.Sprintf(createDomains, domains), fmt.Sprintf(createMetadata, metadata),
		},
		Indexes: []projection.Index{
			index("name", organizations, "(tenant, name_lower, id) where state <> 3"),
			index("created", organizations, "(tenant, created_at, id) where state <> 3"),
			index("domain", domains, "(tenant, domain)"),
		},
		Views: []projection.View{
			{Name: "projection.organizations", Query: "select " + columns + " from " + organizations},
			{Name: "projection.organizations_domains", Query: "select " + domainColumns + " from " + domains},
			{Name: "projection.organizations_metadata", Query: "select " + metadataColumns + " from " + metadata},
		},
		Digest: fmt.Sprintf(digestQuery, organizations, domains, metadata),
	}
}
