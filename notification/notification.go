package notification

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/template"
)

// Languages chooses the language of a message.
type Languages interface {
	// MessageLanguage returns the language to write in to somebody who prefers this one, which may be empty.
	MessageLanguage(ctx context.Context, tenant, preferred string) (string, error)
}

// Config of a Notifier. The fields of the first block are required.
type Config struct {
	Store     *eventstore.Store
	Codec     *codec.Codec
	Vault     *vault.Vault
	Pool      *pgxpool.Pool
	NATS      *nats.Conn // should reconnect for ever
	Templates *template.Renderer
	// Providers of each channel, in the order in which they are asked. Messages of a channel without any are abandoned.
	Providers map[channel.Channel][]channel.Provider

	Languages   Languages // optional: what people prefer, as far as there are texts
	Replicas    int       // of the JetStream stream, default 1
	Concurrency int       // messages in hand per channel and process, default 8
	Timing      Timing
	Metrics     *Metrics // optional
	Logger      zerolog.Logger
	Now         func() time.Time // default time.Now
	NewID       func() uuid.UUID // default: version 7
}

// Notifier is the relay, the reconciler and the workers of one process.
type Notifier struct {
	relay   *relay
	workers []*worker
}

// New returns a notifier at rest. It reaches for nothing yet: NATS may be down.
func New(cfg Config) (*Notifier, error) {
	if cfg.Store == nil || cfg.Codec == nil || cfg.Vault == nil || cfg.Pool == nil || cfg.NATS == nil || cfg.Templates == nil {
		return nil, errors.New("notification: store, codec, vault, pool, NATS connection and templates are required")
	}
	cfg = cfg.withDefaults()
	if err := cfg.Timing.validate(); err != nil {
		return nil, err
	}
	if err := validateProviders(cfg.Providers); err != nil {
		return nil, err
	}
	js, err := jetstream.New(cfg.NATS,
		jetstream.WithPublishAsyncMaxPending(publishWindow),
		jetstream.WithPublishAsyncTimeout(cfg.Timing.Publish),
		jetstream.WithDefaultTimeout(cfg.Timing.Publish),
	)
	if err != nil {
		return nil, fmt.Errorf("notification: jetstream: %w", err)
	}
	// The holder is new with every process, so that an attempt left open by a crashed predecessor is not taken for ours.
	holder := "notifier/" + cfg.NewID().String()
	queue := &queue{js: js, replicas: cfg.Replicas, stall: cfg.Timing.Publish}
	record := &ledger{
		store: cfg.Store, codec: cfg.Codec, newID: cfg.NewID, holder: holder, inHand: make(map[uuid.UUID]struct{}),
	}

	n := &Notifier{relay: newRelay(cfg, queue, record)}
	for _, ch := range []channel.Channel{channel.Email, channel.SMS} {
		n.workers = append(n.workers, newWorker(cfg, ch, queue, record))
	}
	return n, nil
}

// Run relays, reconciles and delivers until ctx ends, then waits for the messages in hand for at most Timing.Drain. The
// error is always nil; it is there for errgroup and its like.
func (n *Notifier) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { n.relay.run(ctx) })
	for _, w := range n.workers {
		running.Go(func() { w.run(ctx) })
	}
	running.Wait()
	return nil
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	}
	if c.Replicas == 0 {
		c.Replicas = 1
	}
	if c.Concurrency == 0 {
		c.Concurrency = 8
	}
	c.Timing = c.Timing.withDefaults()
	return c
}

// validateProviders holds providers to the uniqueness of names that the fold of a delivery relies on.
func validateProviders(all map[channel.Channel][]channel.Provider) error {
	for ch, providers := range all {
		seen := make(map[string]bool, len(providers))
		for _, p := range providers {
			if p == nil || p.Name() == "" || seen[p.Name()] {
				return fmt.Errorf("notification: channel %s: every provider needs a name of its own", ch)
			}
			seen[p.Name()] = true
		}
	}
	return nil
}
