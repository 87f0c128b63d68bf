package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/cmd/signet/internal/wire"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

type keysCommand struct {
	Rotate rotateCommand `cmd:"" help:"Add a master key and put every data key under it. Nodes on the same key file follow by themselves."`
}

type rotateCommand struct {
	config.Database `embed:""`
}

// Run adds the key to the file first: a run that is cut short leaves data keys under two master keys, both of which are
// there, and the next run finishes it.
func (c *rotateCommand) Run(ctx context.Context, to *streams) error {
	if c.MasterKey != "" {
		return errors.New("the master keys come from SIGNET_MASTER_KEY: rotate them where that is set, with a key file")
	}
	core, err := wire.OpenCore(ctx, c.Database, logger(to.err, c.LogLevel), wire.Mode{})
	if err != nil {
		return err
	}
	defer core.Close()
	ring, err := vault.Rotate(c.Keys())
	if err != nil {
		return err
	}
	keys, err := vault.New(ring, core.Store)
	if err != nil {
		return err
	}
	n, err := core.Store.RewrapDataKeys(ctx, func(tenant string, key eventstore.DataKey) ([]byte, error) {
		return keys.Rewrap(tenant, key.Subject, key.Wrapped)
	})
	if err != nil {
		return fmt.Errorf("after %d data keys: %w (run this again to go on)", n, err)
	}
	_, err = fmt.Fprintf(to.out, "%d data keys are under the new master key %s in %s: back this file up\n", n, ring.Newest(), c.Keys())
	return err
}

type adminTokenCommand struct {
	config.Database `embed:""`
	ofTenant        `embed:""`
}

// Run makes a token. Whoever can read the master keys may: the token is no more than they give.
func (c *adminTokenCommand) Run(ctx context.Context, to *streams) error {
	core, err := wire.OpenCore(ctx, c.Database, logger(to.err, c.LogLevel), wire.Mode{})
	if err != nil {
		return err
	}
	defer core.Close()
	path, err := core.IssueAdminToken(ctx, c.Database, c.Tenant)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(to.out, "wrote a new token to %s\n", path)
	return err
}
