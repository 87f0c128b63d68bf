package users

import (
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// Name is the model's name and that of its checkpoint.
const Name = "users"

// revision grows with every change of the reducer or the schema: all tables are then built anew.
const revision = 5

// Model is the read model of users.
type Model struct {
	codec *codec.Codec
}

// New returns the model. The codec may be nil where the model is only migrated.
func New(c *codec.Codec) *Model { return &Model{codec: c} }

// Name returns "users".
func (m *Model) Name() string { return Name }

// Revision returns the reducer's revision.
func (m *Model) Revision() int { return revision }

// Kinds returns "user" and "org".
func (m *Model) Kinds() []string { return []string{kindUser, kindOrganization} }

// Open returns a fold over the tables of a generation.
func (m *Model) Open(generation int) projection.Fold {
	return &fold{
		model: m, generation: generation, table: usersTable(generation), rows: make(projection.Rows[entry]),
		counts: make(map[organization]int64), endings: endings{table: endedTable(generation), known: make(map[organization]bool)},
	}
}

var _ projection.Model = (*Model)(nil)
