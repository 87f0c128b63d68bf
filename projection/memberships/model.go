package memberships

import (
	"fmt"
	"strings"

	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// Name is the model's name and that of its checkpoint.
const Name = "memberships"

// revision grows with every change of the reducer or the schema: all tables are then built anew.
const revision = 1

// Model is the read model of memberships.
type Model struct {
	codec *codec.Codec
}

// New returns the model. The codec may be nil where the model is only migrated.
func New(c *codec.Codec) *Model { return &Model{codec: c} }

// Name returns "memberships".
func (m *Model) Name() string { return Name }

// Revision returns the reducer's revision.
func (m *Model) Revision() int { return revision }

// Kinds returns the kinds of the streams that memberships are in, and of those that end them.
func (m *Model) Kinds() []string { return []string{"membership", "instance", "user", "org", "project"} }

// Open returns a fold over the tables of a generation.
func (m *Model) Open(generation int) projection.Fold {
	return &fold{model: m, Script: projection.Script{Tables: tables(generation)}}
}

var _ projection.Model = (*Model)(nil)

const (
	createMemberships = `
create table %s (
    tenant          text collate "C" not null,
    user_id         text collate "C" not null,
    organization_id text collate "C" not null,
    project_id      text collate "C" not null,
    granted_id      text collate "C" not null,
    roles           text[] collate "C" not null,
    position        bigint not null,
    created_at      timestamptz not null,
    changed_at      timestamptz not null,
    primary key (tenant, user_id, organization_id, project_id, granted_id)
)`

	createGone = `
create table %s (
    tenant     text collate "C" not null,
    kind       text collate "C" not null,
    id         text collate "C" not null,
    granted_id text collate "C" not null,
    primary key (tenant, kind, id, granted_id)
)`

	columns = "tenant, user_id, organization_id, project_id, granted_id, roles, position, created_at, changed_at"

	digestQuery = `
select 'membership/' || tenant || '/' || user_id || '/' || organization_id || '/' || project_id || '/' || granted_id collate "C" as key,
       hashtextextended((m.*)::text, 0)
  from %s m
union all
select 'gone/' || tenant || '/' || kind || '/' || id || '/' || granted_id collate "C", 0
  from %s
 order by key`
)

func membershipsTable(generation int) string {
	return fmt.Sprintf("projection.memberships_%d", generation)
}

func goneTable(generation int) string {
	return fmt.Sprintf("projection.memberships_gone_%d", generation)
}

func tables(generation int) *strings.Replacer {
	return strings.NewReplacer("{memberships}", membershipsTable(generation), "{gone}", goneTable(generation))
}

// Schema returns the tables of a generation.
func (m *Model) Schema(generation int) projection.Schema {
	memberships, gone := membershipsTable(generation), goneTable(generation)
	index := func(by, columns string) string {
		return fmt.Sprintf("create index memberships_%d_by_%s on %s (tenant, %s)", generation, by, memberships, columns)
	}
	return projection.Schema{
		Tables: []string{memberships, gone},
		// The indexes are there from the beginning: a fill needs them to find what ends with something.
		Create: []string{
			fmt.Sprintf(createMemberships, memberships), fmt.Sprintf(createGone, gone),
			index("organization", "organization_id, user_id"), index("project", "project_id, granted_id, user_id"),
			index("granted", "granted_id, user_id"),
		},
		Views:  []projection.View{{Name: "projection.memberships", Query: "select " + columns + " from " + memberships}},
		Digest: fmt.Sprintf(digestQuery, memberships, gone),
	}
}
