package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/signet-iam/signet/cmd/signet/internal/apply"
)

// errDifferences is what a plan with changes ends with. It is no failure, and has an exit code of its own.
var errDifferences = errors.New("the server is not what the files say")

const exitDifferences = 2

type applyCommand struct {
	Files         string `name:"files" short:"f" help:"Directory with YAML files, or one file." required:"" type:"path" placeholder:"DIR"`
	Plan          bool   `help:"Print what would change and change nothing. The exit code is 2 if there is something, 0 if not."`
	RotateSecrets bool   `help:"Write the secrets of identity providers, too, although nothing else of them changes."`
	Server        string `help:"Server to change; if empty the one that listens here." env:"SIGNET_SERVER" placeholder:"URL"`
	TokenFile     string `help:"File with the token to use; admin.pat in the data directory if empty." env:"SIGNET_TOKEN_FILE" type:"path" placeholder:"FILE"`
	DataDir       string `help:"Data directory of the server." default:"./signet-data" env:"SIGNET_DATA_DIR" type:"path"`
	Listen        string `help:"Address that the server listens on." default:"127.0.0.1:8080" env:"SIGNET_LISTEN"`
}

// Validate reports what cannot work.
func (c *applyCommand) Validate() error {
	server, err := c.url()
	if err != nil {
		return err
	}
	if u, err := url.Parse(server); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("--server: a URL such as https://id.example.com, not %q", server)
	}
	return nil
}

// url is where the server is. One that listens everywhere is asked on this machine.
func (c *applyCommand) url() (string, error) {
	if c.Server != "" {
		return strings.TrimSuffix(c.Server, "/"), nil
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", fmt.Errorf("--listen: an address and a port, such as 127.0.0.1:8080, not %q", c.Listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

func (c *applyCommand) token() (string, error) {
	name := c.TokenFile
	if name == "" {
		name = filepath.Join(c.DataDir, "admin.pat")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsAny(token, " \t\r\n") {
		return "", fmt.Errorf("%s holds no token", name)
	}
	return token, nil
}

// Run reads everything before it changes anything.
func (c *applyCommand) Run(ctx context.Context, to *streams) error {
	desired, err := apply.Read(c.Files, os.LookupEnv)
	if err != nil {
		return err
	}
	token, err := c.token()
	if err != nil {
		return err
	}
	where, err := c.url()
	if err != nil {
		return err
	}
	server := apply.NewServer(where, token)
	actual, err := server.Read(ctx, desired)
	if err != nil {
		return err
	}
	changes, err := apply.Diff(actual, desired, apply.Options{RotateSecrets: c.RotateSecrets})
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintln(to.out, "nothing to do: the server is what the files say")
		return err
	}
	if c.Plan {
		return printPlan(to.out, changes)
	}
	return carryOut(ctx, to.out, server, changes)
}

func printPlan(out io.Writer, changes []apply.Change) error {
	for _, change := range changes {
		if _, err := fmt.Fprintln(out, change); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(out, "to change: %d\n", len(changes)); err != nil {
		return err
	}
	return errDifferences
}

// carryOut makes the changes in their order and says each that is made. It stops at the first that fails.
func carryOut(ctx context.Context, out io.Writer, server *apply.Server, changes []apply.Change) error {
	for i, change := range changes {
		if err := server.Make(ctx, change); err != nil {
			return fmt.Errorf("%d of %d changes are made, and then failed %q: %w", i, len(changes), change.String(), err)
		}
		if _, err := fmt.Fprintln(out, change); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "changed: %d\n", len(changes))
	return err
}
