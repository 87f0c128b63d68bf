package providers

import (
	"fmt"

	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// Name is the model's name.
const Name = "providers"

// revision grows whenever the reducer or the schema changes.
const revision = 1

// kind is the kind of stream that the model follows.
const kind = "idp"

// Model is the read model of identity providers.
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
func (m *Model) Kinds() []string { return []string{kind} }

// Open returns a fold over the table of a generation.
func (m *Model) Open(generation int) projection.Fold {
	return &fold{model: m, generation: generation, rows: make(projection.Rows[entry])}
}

var _ projection.Model = (*Model)(nil)

const (
	createTable = `
create table %s (
    tenant          text collate "C" not null,
    id              text collate "C" not null,
    organization_id text collate "C" not null,
    version         bigint not null,
    position        bigint not null,
    removed         boolean not null,
    settings        bytea not null,
    created_at      timestamptz not null,
    changed_at      timestamptz not null,
    primary key (tenant, id)
)`

	columns = "tenant, id, organization_id, version, position, removed, settings, created_at, changed_at"

	digestQuery = `
select tenant || '/' || id collate "C" as key, hashtextextended((p.*)::text, 0)
  from %s p
 order by key`
)

func table(generation int) string { return fmt.Sprintf("projection.providers_%d", generation) }

// Schema is what the model needs in the database.
func (m *Model) Schema(generation int) projection.Schema {
	name := table(generation)
	return projection.Schema{
		Tables: []string{name},
		Create: []string{fmt.Sprintf(createTable, name)},
		Views:  []projection.View{{Name: "projection.providers", Query: "select " + columns + " from " + name}},
		Digest: fmt.Sprintf(digestQuery, name),
	}
}
