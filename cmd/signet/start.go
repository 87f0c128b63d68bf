package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/cmd/signet/internal/wire"
	"github.com/signet-iam/signet/command/tenant"
)

type startCommand struct {
	config.Database `embed:""`
	config.Server   `embed:""`
}

// Validate gives each group of settings its say.
func (c *startCommand) Validate() error {
	if err := c.Database.Validate(); err != nil {
		return err
	}
	return c.Server.Validate()
}

// Run serves until a signal or until the port fails.
func (c *startCommand) Run(ctx context.Context, to *streams) error {
	began := time.Now()
	log := logger(to.err, c.LogLevel)
	node, err := wire.Start(ctx, c.Database, c.Server, log)
	if err != nil {
		return err
	}
	defer node.Close()
	c.announce(to.out, node)
	go func() {
		if node.Ready(ctx) == nil {
			log.Info().Dur("after", time.Since(began)).Msg("ready")
		}
	}()
	err = node.Wait(ctx)
	log.Info().Msg("stopping")
	return err
}

func (c *startCommand) announce(out io.Writer, node *wire.Node) {
	say := func(what, where string) { _, _ = fmt.Fprintf(out, "%-12s %s\n", what, where) }
	say("serving", "http://"+node.Address())
	say("data", c.DataDir)
	if c.DatabaseURL == "" {
		say("admin token", wire.AdminTokenFile(c.Database, tenant.Default))
	}
	if c.Has(config.RoleAPI) && c.Inbox() {
		say("inbox", "http://"+node.Address()+"/inbox (no mail or SMS provider is configured)")
	}
}

// logger writes for people where the output is a terminal, JSON elsewhere.
func logger(out io.Writer, level string) zerolog.Logger {
	parsed, err := zerolog.ParseLevel(level)
	if err != nil {
		parsed = zerolog.InfoLevel
	}
	if isTerminal(out) {
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(out).Level(parsed).With().Timestamp().Logger()
}
