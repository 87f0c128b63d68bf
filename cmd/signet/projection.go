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
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

type projectionCommand struct {
	Status  statusCommand  `cmd:"" help:"Show how the read models stand."`
	Rebuild rebuildCommand `cmd:"" help:"Fill a read model anew while the old one serves, and swap."`
	Verify  verifyCommand  `cmd:"" help:"Compare a read model with the log; exit 1 on a difference."`
	Retry   retryCommand   `cmd:"" help:"Have a parked stream tried again."`
	Skip    skipCommand    `cmd:"" help:"Go past the one event behind which a stream is parked."`
}

// operate opens what the subcommands work on, beside a running server or without one.
func operate(ctx context.Context, cfg config.Database, to *streams, work func(*projection.Operator) error) error {
	core, err := wire.OpenCore(ctx, cfg, logger(to.err, cfg.LogLevel), wire.Mode{})
	if err != nil {
		return err
	}
	defer core.Close()
	return work(core.Operator())
}

type statusCommand struct {
	config.Database `embed:""`
}

// Run prints a table, and below it every parked stream.
func (c *statusCommand) Run(ctx context.Context, to *streams) error {
	return operate(ctx, c.Database, to, func(o *projection.Operator) error {
		list, err := o.Status(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(to.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "NAME\tGENERATION\tREVISION\tPOSITION\tHEAD\tLAG\tPARKED\tRUN BY\tUPDATED")
		for _, s := range list {
			_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", s.Name, s.Generation, s.Revision, s.Position, s.Head,
				s.Lag(), len(s.Parked), orNobody(s.Holder), s.UpdatedAt.Format(time.RFC3339))
		}
		for _, s := range list {
			for _, p := range s.Parked {
				_, _ = fmt.Fprintf(w, "\nparked in %s: %s/%s at position %d since %s, tried %d times: %s\n", s.Name,
					p.Stream.Kind, p.Stream.ID, p.Position, p.ParkedAt.Format(time.RFC3339), p.Attempts, p.Error)
			}
		}
		return w.Flush()
	})
}

func orNobody(holder string) string {
	if holder == "" {
		return "nobody"
	}
	return holder
}

type rebuildCommand struct {
	config.Database `embed:""`

	Name string `arg:"" help:"Read model, such as users."`
}

// Run shows progress: a bar on a terminal, lines elsewhere.
func (c *rebuildCommand) Run(ctx context.Context, to *streams) error {
	return operate(ctx, c.Database, to, func(o *projection.Operator) error {
		bar := newProgress(to.err)
		done, err := o.Rebuild(ctx, c.Name, bar.show)
		bar.finish()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(to.out, "%s: %d events in %s, %.0f events/s; generation %d serves, up to position %d\n", c.Name,
			done.Events, done.Elapsed.Round(time.Millisecond), float64(done.Events)/done.Elapsed.Seconds(), done.Generation, done.Position)
		if err == nil && done.Parked > 0 {
			_, err = fmt.Fprintf(to.out, "%d streams are parked: see signet projection status\n", done.Parked)
		}
		return err
	})
}

type verifyCommand struct {
	config.Database `embed:""`

	Name string `arg:"" help:"Read model, such as users."`
}

// Run fails when the model is not what the log says.
func (c *verifyCommand) Run(ctx context.Context, to *streams) error {
	return operate(ctx, c.Database, to, func(o *projection.Operator) error {
		bar := newProgress(to.err)
		found, err := o.Verify(ctx, c.Name, bar.show)
		bar.finish()
		if err != nil {
			return err
		}
		if found.Differing == 0 {
			_, err = fmt.Fprintf(to.out, "%s: %d rows at position %d are what the log says\n", c.Name, found.Rows, found.Position)
			return err
		}
		for _, d := range found.Differences {
			_, _ = fmt.Fprintf(to.out, "%s\t%s\n", d.Kind, d.Key)
		}
		return fmt.Errorf("%s: %d of %d rows differ from the log at position %d: rebuild it", c.Name, found.Differing, found.Rows, found.Position)
	})
}

// parkedStream names a stream that waits.
type parkedStream struct {
	config.Database `embed:""`
	ofTenant        `embed:""`

	Name   string `arg:"" help:"Read model, such as users."`
	Stream string `arg:"" help:"Parked stream as kind/id, such as user/4711."`
}

type retryCommand struct {
	parkedStream `embed:""`
}

// Run fails when the stream waits again.
func (c *retryCommand) Run(ctx context.Context, to *streams) error {
	return c.order(ctx, to, func(ctx context.Context, o *projection.Operator, r projection.Order) (*projection.Parked, error) {
		return o.Retry(ctx, r)
	})
}

type skipCommand struct {
	parkedStream `embed:""`

	Position int64 `arg:"" help:"Position of the event behind which the stream waits, as status shows it."`
}

// Run fails when the stream waits behind another event.
func (c *skipCommand) Run(ctx context.Context, to *streams) error {
	return c.order(ctx, to, func(ctx context.Context, o *projection.Operator, r projection.Order) (*projection.Parked, error) {
		return o.Skip(ctx, r, eventstore.Position(c.Position))
	})
}

// orderPatience bounds the wait for the running server to carry an order out.
const orderPatience = 15 * time.Second

type orderFunc func(context.Context, *projection.Operator, projection.Order) (*projection.Parked, error)

func (c *parkedStream) order(ctx context.Context, to *streams, give orderFunc) error {
	kind, id, ok := strings.Cut(c.Stream, "/")
	if !ok {
		return fmt.Errorf("%q is no stream: kind/id, such as user/4711", c.Stream)
	}
	return operate(ctx, c.Database, to, func(o *projection.Operator) error {
		ctx, cancel := context.WithTimeout(ctx, orderPatience)
		defer cancel()
		parked, err := give(ctx, o, projection.Order{
			Projection: c.Name, Actor: permission.SystemID,
			Stream: eventstore.StreamID{Tenant: c.Tenant, Kind: kind, ID: id},
		})
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return errors.New("the order is recorded, but no server carries it out: start one")
		case err != nil:
			return err
		case parked != nil:
			return fmt.Errorf("%s is parked again at position %d: %s", c.Stream, parked.Position, parked.Error)
		}
		_, err = fmt.Fprintf(to.out, "%s goes on\n", c.Stream)
		return err
	})
}
