package email

import (
	"context"
	"fmt"

	gomail "github.com/wneessen/go-mail"

	"github.com/signet-iam/signet/notification/channel"
)

// RepeatHeader marks a mail that may have arrived before.
const RepeatHeader = "Signet-Repeat"

// keptConnections bounds the idle connections.
const keptConnections = 4

// Provider sends mail through one server. It is safe for concurrent use.
type Provider struct {
	cfg    Config
	domain string
	idle   chan *connection
}

var _ channel.Provider = (*Provider)(nil)

// New checks the configuration. It does not connect.
func New(cfg Config) (*Provider, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Provider{cfg: cfg, domain: cfg.domain(), idle: make(chan *connection, keptConnections)}, nil
}

// Name returns the configured name, "smtp" by default.
func (p *Provider) Name() string { return p.cfg.Name }

// Close ends the idle connections. The provider stays usable.
func (p *Provider) Close() {
	for {
		select {
		case c := <-p.idle:
			c.quit()
		default:
			return
		}
	}
}

// Send returns the mail's Message-ID.
func (p *Provider) Send(ctx context.Context, m channel.Message) (string, error) {
	mail, err := p.compose(m)
	if err != nil {
		return "", channel.Permanent(0, err)
	}
	conn, err := p.connect(ctx)
	if err != nil {
		return "", connectFailure(err)
	}
	err = conn.send(ctx, mail)
	if mail.IsDelivered() {
		// An error after acceptance concerns the connection, not the mail.
		if err != nil {
			conn.drop()
		} else {
			p.keep(conn)
		}
		return mail.GetMessageID(), nil
	}
	conn.drop()
	return "", sendFailure(err)
}

func (p *Provider) compose(m channel.Message) (*gomail.Msg, error) {
	mail := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := mail.From(p.cfg.From); err != nil {
		return nil, fmt.Errorf("email: sender: %w", err)
	}
	if err := mail.To(m.Recipient); err != nil {
		return nil, fmt.Errorf("email: recipient: %w", err)
	}
	if p.cfg.ReplyTo != "" {
		if err := mail.ReplyTo(p.cfg.ReplyTo); err != nil {
			return nil, fmt.Errorf("email: reply-to: %w", err)
		}
	}
	mail.Subject(m.Subject)
	mail.SetDateWithValue(p.cfg.Now())
	mail.SetMessageIDWithValue(m.ID.String() + "@" + p.domain)
	mail.SetGenHeader("Auto-Submitted", "auto-generated")
	mail.SetGenHeader("Content-Language", m.Language)
	if m.Repeat {
		mail.SetGenHeader(RepeatHeader, "true")
	}
	mail.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		mail.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return mail, nil
}
