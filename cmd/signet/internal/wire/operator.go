package wire

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/tenant"
)

// Tenants returns the commands on tenants, for operators.
func (c *Core) Tenants() (*tenant.Service, error) {
	states, err := tenant.NewExecutor(c.Runtime())
	if err != nil {
		return nil, err
	}
	return tenant.New(c.Runtime(), states), nil
}

// IssueAdminToken makes a new token for the administrator of a tenant, writes it to the token file and returns where that is. A tenant
// that was just added is set up by it.
func (c *Core) IssueAdminToken(ctx context.Context, cfg config.Database, name string) (string, error) {
	serves := &config.Server{} // nobody
	shared, err := c.newDomain(serves, nil)
	if err != nil {
		return "", err
	}
	exists, err := shared.tenants.Exists(ctx, name)
	if err != nil {
		return "", err
	}
	if !exists {
		return "", fmt.Errorf("tenant %q: %w", name, tenant.ErrNotFound)
	}
	t, err := shared.newTenancy(name, serves)
	if err != nil {
		return "", err
	}
	return t.issueAdminToken(ctx, cfg)
}
