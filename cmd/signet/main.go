package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
)

// cli is every command with its settings.
type cli struct {
	Config kong.ConfigFlag `help:"YAML file with settings by the names of the flags." env:"SIGNET_CONFIG" placeholder:"FILE"`

	Start      startCommand      `cmd:"" help:"Serve."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database schema up to date."`
	Projection projectionCommand `cmd:"" help:"Look at, rebuild and verify read models."`
	Events     eventsCommand     `cmd:"" help:"Read the log."`
	Keys       keysCommand       `cmd:"" help:"Take care of the master keys."`
	Tenant     tenantCommand     `cmd:"" help:"Take care of the tenants: separate instances in one database, told apart by host name."`
	Apply      applyCommand      `cmd:"" help:"Bring organizations, projects, policies, providers and machine users to what files say."`
	AdminToken adminTokenCommand `cmd:"" help:"Make a new token for the administrator, should it be lost."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// streams are where commands write.
type streams struct {
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], &streams{out: os.Stdout, err: os.Stderr}))
}

// run parses and runs one command line and returns its exit code.
func run(ctx context.Context, args []string, to *streams) int {
	exited := -1
	parser, err := kong.New(&cli{},
		kong.Name("signet"),
		kong.Description("Event-sourced identity and access platform."),
		kong.UsageOnError(),
		kong.Configuration(config.YAML),
		kong.Writers(to.out, to.err),
		kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(to),
	)
	if err != nil {
		return fail(to, err)
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		return fail(to, err)
	}
	err = command.Run()
	if errors.Is(err, errDifferences) {
		return exitDifferences
	}
	if err != nil {
		return fail(to, err)
	}
	return 0
}

func fail(to *streams, err error) int {
	_, _ = fmt.Fprintf(to.err, "signet: %v\n", err)
	return 1
}
