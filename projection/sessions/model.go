package sessions

import (
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// Name is the model's name and that of its checkpoint.
const Name = "sessions"

// revision grows with every change of the reducer or the schema: all tables are then built anew.
const revision = 1

// kind is the kind of stream that the model follows.
const kind = "session"

// Model is the read model of sessions.
type Model struct {
	codec *codec.Codec
}

// New returns the model. The codec may be nil where the model is only migrated.
func New(c *codec.Codec) *Model { return &Model{codec: c} }

// Name returns "sessions".
func (m *Model) Name() string { return Name }

// Revision returns the reducer's revision.
func (m *Model) Revision() int { return revision }

// Kinds returns "session".
func (m *Model) Kinds() []string { return []string{kind} }

// Open returns a fold over the tables of a generation.
func (m *Model) Open(generation int) projection.Fold {
	return &fold{model: m, generation: generation, table: sessionsTable(generation), rows: make(projection.Rows[entry])}
}

var _ projection.Model = (*Model)(nil)
