package main

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/cmd/signet/internal/wire"
)

type migrateCommand struct {
	config.Database `embed:""`
}

// Run migrates and leaves.
func (c *migrateCommand) Run(ctx context.Context, to *streams) error {
	core, err := wire.OpenCore(ctx, c.Database, logger(to.err, c.LogLevel), wire.Mode{Create: true})
	if err != nil {
		return err
	}
	defer core.Close()
	_, err = fmt.Fprintln(to.out, "the schema is up to date")
	return err
}
