package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// options are what can be chosen on the command line.
type options struct {
	args        []string // as they were given
	duration    time.Duration
	connections int
	users       int
	members     int
	loops       int
	rounds      int
	cases       *regexp.Regexp
	dir         string
	keep        bool
	out         string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	o := options{args: args}
	cases := "."
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.DurationVar(&o.duration, "duration", 5*time.Second, "length of each measurement")
	flags.IntVar(&o.connections, "connections", 32, "connections that load comes from")
	flags.IntVar(&o.users, "users", 100_000, "people to add before anything is measured")
	flags.IntVar(&o.members, "members", 1_000_000, "people to add to organizations, a thousand each")
	flags.IntVar(&o.loops, "loops", 10_000, "repetitions of create, get, list, on one node and on two")
	flags.IntVar(&o.rounds, "rounds", 3, "rounds of pgbench and of the store, by turns")
	flags.StringVar(&cases, "cases", cases, "regular expression of the cases to run: "+strings.Join(caseNames(), ", "))
	flags.StringVar(&o.dir, "dir", "", "directory on the disk to measure (default: the temporary directory)")
	flags.BoolVar(&o.keep, "keep", false, "leave data and logs behind")
	flags.StringVar(&o.out, "out", "", "file to write the table to, besides standard output")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if o.duration <= 0 || o.connections < 1 || o.users < 1 || o.members < 1 || o.loops < 1 || o.rounds < 1 {
		return o, errors.New("durations and numbers must be positive")
	}
	var err error
	o.cases, err = regexp.Compile(cases)
	return o, err
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, o, stderr)
	if err != nil {
		return err
	}
	failed := b.run(ctx)
	failed = errors.Join(failed, b.close(failed != nil))
	text := b.report.markdown()
	if _, err := io.WriteString(stdout, text); err != nil {
		return errors.Join(failed, err)
	}
	if o.out != "" {
		failed = errors.Join(failed, os.WriteFile(o.out, []byte(text), 0o600))
	}
	return failed
}
