package notification_test

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/signet-iam/signet/notification/channel"
)

// carrier is a provider that does what a test says.
type carrier struct {
	name string
	send func(ctx context.Context, nth int, m channel.Message) (string, error)

	mu   sync.Mutex
	sent []channel.Message
}

func (c *carrier) Name() string { return c.name }

func (c *carrier) Send(ctx context.Context, m channel.Message) (string, error) {
	c.mu.Lock()
	c.sent = append(c.sent, m)
	nth := len(c.sent)
	c.mu.Unlock()
	return c.send(ctx, nth, m)
}

// calls returns the messages the provider was asked to send.
func (c *carrier) calls() []channel.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]channel.Message(nil), c.sent...)
}

// taking returns a carrier that takes everything.
func taking(name string) *carrier {
	return &carrier{name: name, send: func(context.Context, int, channel.Message) (string, error) { return "", nil }}
}

// failing returns a carrier that always ends the same way.
func failing(name string, err error) *carrier {
	return &carrier{name: name, send: func(context.Context, int, channel.Message) (string, error) { return "", err }}
}

var errCarrier = errors.New("a carrier's words with +4917012345678")

// logbook is a log output that may be read while it is written.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
