package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/cmd/signet/internal/wire"
	"github.com/signet-iam/signet/command/tenant"
)

// ofTenant names the tenant that a command is about.
type ofTenant struct {
	Tenant string `help:"Tenant that this is about." default:"default" placeholder:"NAME"`
}

type tenantCommand struct {
	Create createTenantCommand `cmd:"" help:"Add a tenant and set it up, with an administrator of its own. Running servers serve it at once."`
	List   listTenantsCommand  `cmd:"" help:"Print the tenants and their host names."`
	Hosts  tenantHostsCommand  `cmd:"" help:"Replace the host names of a tenant."`
	Delete deleteTenantCommand `cmd:"" help:"Put a tenant out of reach for good. Its name is never used again."`
}

// govern opens what the subcommands work on, beside a running server or without one.
func govern(ctx context.Context, cfg config.Database, to *streams, work func(*wire.Core, *tenant.Service) error) error {
	core, err := wire.OpenCore(ctx, cfg, logger(to.err, cfg.LogLevel), wire.Mode{})
	if err != nil {
		return err
	}
	defer core.Close()
	tenants, err := core.Tenants()
	if err != nil {
		return err
	}
	return work(core, tenants)
}

type createTenantCommand struct {
	config.Database `embed:""`

	Name string   `arg:"" help:"Name of the tenant: a-z, 0-9 and hyphens."`
	Host []string `help:"Host name under which the tenant is reached; may be given several times. The first stands in its URLs." required:"" placeholder:"NAME"`
}

// Run leaves a tenant without an administrator when it is cut short: signet admin-token completes it.
func (c *createTenantCommand) Run(ctx context.Context, to *streams) error {
	return govern(ctx, c.Database, to, func(core *wire.Core, tenants *tenant.Service) error {
		if _, err := tenants.Add(ctx, c.Name, c.Host); err != nil {
			return err
		}
		path, err := core.IssueAdminToken(ctx, c.Database, c.Name)
		if err != nil {
			return fmt.Errorf("the tenant is there, but has no administrator: %w (signet admin-token --tenant %s goes on)", err, c.Name)
		}
		_, err = fmt.Fprintf(to.out, "tenant %s answers to %s; its administrator's token is in %s\n", c.Name, strings.Join(c.Host, ", "), path)
		return err
	})
}

type listTenantsCommand struct {
	config.Database `embed:""`
}

// Run prints a table. Tenants that were removed stay in it: their names are taken.
func (c *listTenantsCommand) Run(ctx context.Context, to *streams) error {
	return govern(ctx, c.Database, to, func(_ *wire.Core, tenants *tenant.Service) error {
		list, err := tenants.List(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(to.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "NAME\tSTATE\tSINCE\tHOSTS")
		for i := range list {
			t := &list[i]
			state, since, hosts := "active", "-", strings.Join(t.Hosts, " ")
			if !t.Exists() {
				state = "removed"
			}
			if !t.Since.IsZero() {
				since = t.Since.UTC().Format(time.RFC3339)
			}
			if t.Name == tenant.Default {
				hosts = strings.TrimSpace(hosts + " (and all others)")
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.Name, state, since, hosts)
		}
		return w.Flush()
	})
}

type tenantHostsCommand struct {
	config.Database `embed:""`

	Name string   `arg:"" help:"Name of the tenant."`
	Host []string `help:"Host name under which the tenant is reached; may be given several times. The first stands in its URLs." required:"" placeholder:"NAME"`
}

// Run changes the tenant's URLs with its first host name: tokens that it signed before name another issuer.
func (c *tenantHostsCommand) Run(ctx context.Context, to *streams) error {
	return govern(ctx, c.Database, to, func(_ *wire.Core, tenants *tenant.Service) error {
		if _, err := tenants.SetHosts(ctx, c.Name, c.Host); err != nil {
			return err
		}
		_, err := fmt.Fprintf(to.out, "tenant %s answers to %s\n", c.Name, strings.Join(c.Host, ", "))
		return err
	})
}

type deleteTenantCommand struct {
	config.Database `embed:""`

	Name string `arg:"" help:"Name of the tenant."`
	Yes  bool   `help:"Do it: there is no way back."`
}

// Run removes the tenant only for who says so twice.
func (c *deleteTenantCommand) Run(ctx context.Context, to *streams) error {
	if !c.Yes {
		return errors.New("this ends the tenant for good, and with it every user and token in it: say so with --yes")
	}
	return govern(ctx, c.Database, to, func(_ *wire.Core, tenants *tenant.Service) error {
		if _, err := tenants.Remove(ctx, c.Name); err != nil {
			return err
		}
		_, err := fmt.Fprintf(to.out, "tenant %s is removed\n", c.Name)
		return err
	})
}
