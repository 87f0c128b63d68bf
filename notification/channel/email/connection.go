package email

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// mechanisms are tried in this order. PLAIN and LOGIN refuse to work without TLS, except to this machine.
func mechanisms() []gomail.SMTPAuthType {
	return []gomail.SMTPAuthType{
		gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin,
	}
}

// connection is an SMTP session with the server, used by one mail at a time.
type connection struct {
	client *gomail.Client
	net    net.Conn
	since  time.Time // when it became idle
}

// connect returns an idle connection that still answers, or a new one.
func (p *Provider) connect(ctx context.Context) (*connection, error) {
	for {
		select {
		case c := <-p.idle:
			if p.cfg.Now().Sub(c.since) < p.cfg.Idle && c.alive(p.cfg.Timeout) {
				return c, nil
			}
			c.drop()
		default:
			return p.dial(ctx)
		}
	}
}

// keep puts a connection aside for the next mail.
func (p *Provider) keep(c *connection) {
	c.since = p.cfg.Now()
	select {
	case p.idle <- c:
	default:
		c.quit()
	}
}

func (p *Provider) dial(ctx context.Context) (*connection, error) {
	c := &connection{}
	options := []gomail.Option{
		gomail.WithPort(p.cfg.Port),
		gomail.WithTimeout(p.cfg.Timeout),
		gomail.WithTLSConfig(p.cfg.TLS),
		gomail.WithTLSPolicy(gomail.NoTLS),
		gomail.WithoutNoop(), // a kept connection is checked when it is taken
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			var err error
			c.net, err = p.open(ctx, network, address)
			return c.net, err
		}),
	}
	if p.cfg.Encryption == STARTTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if p.cfg.HELO != "" {
		options = append(options, gomail.WithHELO(p.cfg.HELO))
	}
	if p.cfg.Username != "" {
		options = append(options, gomail.WithUsername(p.cfg.Username), gomail.WithPassword(p.cfg.Password),
			gomail.WithOpportunisticSMTPAuth(mechanisms()...))
	}
	client, err := gomail.NewClient(p.cfg.Host, options...)
	if err != nil {
		return nil, err
	}
	c.client = client
	if err := client.DialWithContext(ctx); err != nil {
		c.drop() // the client leaves a connection open when the greeting, TLS or authentication fails
		return nil, err
	}
	return c, nil
}

// open returns a connection of a type the client recognizes as encrypted, where it is.
func (p *Provider) open(ctx context.Context, network, address string) (net.Conn, error) {
	if p.cfg.Encryption == ImplicitTLS {
		return (&tls.Dialer{Config: p.cfg.TLS}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// send delivers one mail. The end of ctx breaks the connection: the client itself knows only timeouts.
func (c *connection) send(ctx context.Context, mail *gomail.Msg) error {
	stop := context.AfterFunc(ctx, func() { _ = c.net.Close() })
	defer stop()
	return c.client.Send(mail)
}

// alive reports whether the server still listens on an idle connection.
func (c *connection) alive(timeout time.Duration) bool {
	return c.net.SetDeadline(time.Now().Add(timeout)) == nil && c.client.Reset() == nil
}

// quit says goodbye.
func (c *connection) quit() {
	_ = c.client.Close()
	c.drop()
}

// drop ends the connection without a word.
func (c *connection) drop() {
	if c.net != nil {
		_ = c.net.Close()
	}
}
