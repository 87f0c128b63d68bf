package projects

import (
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// Name is the model's name and that of its checkpoint.
const Name = "projects"

// revision grows with every change of the reducer or the schema: all tables are then built anew.
const revision = 1

// The kinds of stream the model follows.
const (
	projectKind      = "project"
	organizationKind = "org"
)

// Model is the read model of projects.
type Model struct {
	codec *codec.Codec
}

// New returns the model. The codec may be nil where the model is only migrated.
func New(c *codec.Codec) *Model { return &Model{codec: c} }

// Name returns "projects".
func (m *Model) Name() string { return Name }

// Revision returns the reducer's revision.
func (m *Model) Revision() int { return revision }

// Kinds returns "project", and "org" for the end of what organizations own and were granted.
func (m *Model) Kinds() []string { return []string{projectKind, organizationKind} }

// Open returns a fold over the tables of a generation.
func (m *Model) Open(generation int) projection.Fold {
	t := tablesOf(generation)
	return &fold{
		model: m, tables: t, rows: make(projection.Rows[entry]), ended: make(map[projection.Key]bool),
		script: projection.Script{Tables: t.inStatements()},
	}
}

var _ projection.Model = (*Model)(nil)
