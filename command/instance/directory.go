package instance

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/command"
)

// Directory tells what other commands need to know of a tenant. It is safe for concurrent use.
type Directory struct {
	instances *command.Executor[State]
}

// NewDirectory returns a directory of the tenants that x knows.
func NewDirectory(x *command.Executor[State]) *Directory { return &Directory{instances: x} }

// DefaultOrganization returns a tenant's default organization; none while the tenant is not set up. It never changes after that.
func (d *Directory) DefaultOrganization(ctx context.Context, tenant string) (string, error) {
	snap, err := d.instances.Recall(ctx, tenant, tenant)
	if err != nil {
		return "", fmt.Errorf("instance: %w", err)
	}
	return snap.State.DefaultOrganization, nil
}
