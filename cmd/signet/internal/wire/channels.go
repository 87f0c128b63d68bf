package wire

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/eventstore/local"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/email"
	"github.com/signet-iam/signet/notification/channel/inbox"
	"github.com/signet-iam/signet/notification/channel/sms"
	"github.com/signet-iam/signet/notification/template"
)

// connectNATS connects to the configured NATS, or starts one in this process. A server that is away is waited for in the
// background: nothing but notification needs it.
func (n *Node) connectNATS(ctx context.Context, db config.Database) (err error) {
	options := []nats.Option{
		nats.Name("signet"), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.RetryOnFailedConnect(true),
	}
	if n.cfg.NATSURL != "" {
		if n.nats, err = nats.Connect(n.cfg.NATSURL.Reveal(), options...); err != nil {
			return fmt.Errorf("nats: %w", err)
		}
		return nil
	}
	server, err := local.StartNATS(ctx, local.NATSConfig{StoreDir: filepath.Join(db.DataDir, "nats"), Logger: n.log})
	if err != nil {
		return err
	}
	n.closers = append(n.closers, server.Shutdown)
	n.nats, err = server.Conn(options...)
	return err
}

// channels returns how messages look and who carries them. Where nobody is configured for a channel, but somebody is for
// the other, its messages have no carrier: the inbox is only for installations without any.
func (n *Node) channels() (*template.Renderer, map[channel.Channel][]channel.Provider, error) {
	templates, err := template.New(template.Config{Application: n.cfg.Application})
	if err != nil {
		return nil, nil, err
	}
	providers := make(map[channel.Channel][]channel.Provider)
	if n.cfg.Inbox() {
		keep, err := inbox.New(inbox.Config{Pool: n.Pool, Store: n.Store, Vault: n.Vault})
		if err != nil {
			return nil, nil, err
		}
		providers[channel.Email] = []channel.Provider{keep}
		providers[channel.SMS] = []channel.Provider{keep}
		return templates, providers, nil
	}
	if providers[channel.Email], err = emailProviders(n.cfg.SMTP); err != nil {
		return nil, nil, err
	}
	providers[channel.SMS], err = smsProviders(n.cfg.SMS)
	return templates, providers, err
}

func emailProviders(cfg config.SMTP) ([]channel.Provider, error) {
	if cfg.Host == "" {
		return nil, nil
	}
	smtp, err := email.New(email.Config{
		Host: cfg.Host, Port: cfg.Port, Encryption: email.Encryption(cfg.Encryption),
		Username: cfg.User, Password: cfg.Password.Reveal(), From: cfg.From, ReplyTo: cfg.ReplyTo,
	})
	if err != nil {
		return nil, err
	}
	return []channel.Provider{smtp}, nil
}

func smsProviders(cfg config.SMS) (providers []channel.Provider, err error) {
	if cfg.TwilioAccount != "" {
		twilio, err := sms.NewTwilio(sms.TwilioConfig{
			AccountSID: cfg.TwilioAccount, KeySID: cfg.TwilioKey, Secret: cfg.TwilioSecret.Reveal(),
			From: cfg.From, BaseURL: cfg.TwilioURL,
		})
		if err != nil {
			return nil, err
		}
		providers = append(providers, twilio)
	}
	if cfg.GatewayURL != "" {
		headers := make(map[string]string, len(cfg.GatewayHeader))
		for name, value := range cfg.GatewayHeader {
			headers[name] = value.Reveal()
		}
		gateway, err := sms.NewGateway(sms.GatewayConfig{
			URL: cfg.GatewayURL, Headers: headers, Fields: cfg.GatewayField, Format: sms.Format(cfg.GatewayFormat), From: cfg.From,
		})
		if err != nil {
			return nil, err
		}
		providers = append(providers, gateway)
	}
	return providers, nil
}
