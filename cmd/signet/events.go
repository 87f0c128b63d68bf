package main

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/signet-iam/signet/api/auditservice"
	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/cmd/signet/internal/wire"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query/audit"
)

type eventsCommand struct {
	Tail tailCommand `cmd:"" help:"Print events as JSON lines, with their personal fields and without secrets, and go on as they come."`
}

type tailCommand struct {
	config.Database `embed:""`
	ofTenant        `embed:""`

	After    int64    `help:"Begin behind this position."`
	Types    []string `name:"type" help:"Only these types; user.* stands for all of them below user."`
	Stream   string   `help:"Only the stream of this id."`
	Actor    string   `help:"Only what this user did."`
	NoFollow bool     `help:"Leave at the end of the log."`
}

// Run follows the log.
func (c *tailCommand) Run(ctx context.Context, to *streams) error {
	core, err := wire.OpenCore(ctx, c.Database, logger(to.err, c.LogLevel), wire.Mode{})
	if err != nil {
		return err
	}
	defer core.Close()
	after := eventstore.Position(c.After)
	for {
		seen := core.Store.HighWater()
		if err := c.print(ctx, to, core, after); err != nil {
			return err
		}
		if after = max(after, seen); c.NoFollow {
			return nil
		}
		if _, err := core.Store.AwaitHighWater(ctx, after); err != nil {
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		}
	}
}

// print writes everything between after and the high water mark of now.
func (c *tailCommand) print(ctx context.Context, to *streams, core *wire.Core, after eventstore.Position) error {
	events := audit.New(core.Pool, core.Store, core.Codec)
	request := audit.Request{
		StreamID: c.Stream, Actor: c.Actor, Types: c.Types, After: after, Before: core.Store.HighWater() + 1,
		Ascending: true, PageSize: audit.MaxPageSize,
	}
	for {
		page, err := events.ListEvents(ctx, permission.System(c.Tenant), request)
		if err != nil {
			return err
		}
		for i := range page.Events {
			line, err := protojson.Marshal(auditservice.Message(&page.Events[i]))
			if err != nil {
				return fmt.Errorf("event %d: %w", page.Events[i].Position, err)
			}
			if _, err := fmt.Fprintf(to.out, "%s\n", line); err != nil {
				return err
			}
		}
		if request.PageToken = page.NextToken; request.PageToken == "" {
			return nil
		}
	}
}
