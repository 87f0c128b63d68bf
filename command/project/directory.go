package project

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/command"
)

// Directory tells others about projects. It asks for no permission. It is safe for concurrent use.
type Directory struct {
	projects *command.Executor[State]
}

// NewDirectory returns a directory of the projects that x knows.
func NewDirectory(x *command.Executor[State]) *Directory { return &Directory{projects: x} }

// Project returns a project as of the last acknowledged write, never nil: the state of one that does not exist says so itself. A
// project whose organization was removed is gone, but its own stream does not tell: whoever may meet one asks for the organization
// as well.
func (d *Directory) Project(ctx context.Context, tenant, id string) (*State, error) {
	snap, err := d.projects.Load(ctx, tenant, id)
	if err != nil {
		return nil, fmt.Errorf("project: find: %w", err)
	}
	return &snap.State, nil
}
